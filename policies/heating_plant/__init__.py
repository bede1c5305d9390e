"""Heating stations: heat pumps, boilers and other sources on one tank."""
