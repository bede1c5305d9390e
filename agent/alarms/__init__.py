"""Alarms after ISA-18.2."""
