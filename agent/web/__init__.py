"""The page and the API that serves it and the command line."""
