"""The scenario file: a story told to a site on any bench, with what must and must not happen in it."""
