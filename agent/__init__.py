"""Plantroom: the program that runs on site. See DESIGN in README; each room has its own docstring."""
