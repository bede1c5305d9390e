"""Lamps: radar presence, sunrise and sunset."""
