"""Ready sites: a folder with a site file, the plant behind it, and the arms that are compared on it."""
