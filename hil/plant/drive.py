"""A motor with its starter or frequency converter: what it runs at, given command and local control."""

from __future__ import annotations

from hil.plant.variables import Inputs, Outputs, number, switch

QUANTITIES = (
    "enable", "status", "alarm", "available", "speed", "speed_command", "power", "energy", "runtime", "starts",
)  # fmt: skip


class Drive:
    """Ramps to its speed. Without a command its local control runs it as `local_on`, `local_speed` say.

    A motor without a converter (`variable` false) knows full speed only and is there at once.
    """

    RAMP = 10.0  # % per s
    RUNNING = 2.0  # % above which the auxiliary contact is made

    def __init__(
        self, name: str, *, minimum: float = 20.0, running: bool = True, variable: bool = True
    ) -> None:
        self.name = name
        self.minimum = minimum
        self.variable = variable
        self.speed = 100.0 if running else 0.0
        self.failed = False
        self.powered = True  # false: the supply has dipped
        self.starts = 0
        self.hours = 0.0
        self._enabled = running
        self._command = self.speed
        self._enable_name, self._speed_name = f"{name}.enable", f"{name}.speed_command"
        self._names = tuple(f"{name}.{quantity}" for quantity in QUANTITIES)

    @property
    def relative(self) -> float:
        return self.speed / 100.0

    @property
    def running(self) -> bool:
        return self.speed > self.RUNNING

    def step(self, dt: float, inputs: Inputs, local_on: bool = True, local_speed: float = 100.0) -> None:
        self._enabled = switch(inputs, self._enable_name, local_on)
        self._command = number(inputs, self._speed_name, local_speed) if self.variable else 100.0
        was = self.running
        on = self._enabled and self.powered and not self.failed
        target = max(self._command, self.minimum) if on else 0.0
        reach = self.RAMP * dt if self.variable else 100.0
        self.speed += min(max(target - self.speed, -reach), reach)
        self.starts += self.running and not was
        self.hours += dt / 3600.0 if self.running else 0.0

    def outputs(self, power: float, energy: float) -> Outputs:
        values = (
            self._enabled, self.running, self.failed, not self.failed, self.speed, self._command,
            power, energy, self.hours, float(self.starts),
        )  # fmt: skip
        return dict(zip(self._names, values, strict=True))
