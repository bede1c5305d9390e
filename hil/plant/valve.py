"""A motorised valve: where it stands, given what is wanted of it and how long its stroke takes."""

from __future__ import annotations

from hil.plant.variables import Inputs, commanded


class Valve:
    """Opening 0..1 of a linear or two-position valve; commands in %. It may stick where it is."""

    STROKE = 60.0  # s from shut to open: usual of motorised butterfly valves DN 150 to 400
    SEAT = 0.01  # below this opening the disc touches its seat: an own choice

    def __init__(self, command: str, *, opening: float = 1.0) -> None:
        """`command`: the input that moves it."""
        self.command = command
        self.opening = opening
        self.wanted = opening
        self.stuck = False

    def step(self, dt: float, inputs: Inputs, local: float) -> None:
        """`local` 0..1: what local control wants where nobody commands."""
        value = commanded(inputs, self.command)
        self.wanted = min(max(local if value is None else float(value) / 100.0, 0.0), 1.0)
        if not self.stuck:
            reach = dt / self.STROKE
            self.opening += min(max(self.wanted - self.opening, -reach), reach)

    @property
    def passage(self) -> float:
        """What of its area 0..1 water goes through; none while the disc is on its seat."""
        return self.opening if self.opening > self.SEAT else 0.0
