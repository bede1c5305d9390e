"""The machines that nobody tunes anything on: one of each class, swapped in by `plantroom hil compare --hold-out`."""

from __future__ import annotations

HELD_OUT = (
    "York YK 2275kW/6.32COP/Vanes",  # centrifugal, constant speed
    "Carrier 19XR 1407kW/6.04COP/VSD",  # centrifugal, variable speed
    "York YS 1758kW/5.84COP/Valve",  # screw
)
