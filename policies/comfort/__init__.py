"""Comfort and air: zones and their limits, computer rooms, ventilation, garage fans."""
