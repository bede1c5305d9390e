"""Meters, energy, savings, carbon."""
