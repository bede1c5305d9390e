"""The dictionary: plain frozen types that every room shares. Imports nothing of ours, no I/O, no clock."""
