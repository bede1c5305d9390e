"""A motor with its starter or frequency converter: what it runs at, given command and local control."""

from __future__ import annotations

from hil.plant.variables import Inputs, Outputs, number, outputs_of, switch


class Drive:
    """Ramps to its speed. Without a command its local control runs it as `local_on`, `local_speed` say."""

    RAMP = 10.0  # % per s
    RUNNING = 2.0  # % above which the auxiliary contact is made

    def __init__(self, name: str, *, minimum: float = 20.0, running: bool = True) -> None:
        self.name = name
        self.minimum = minimum
        self.speed = 100.0 if running else 0.0
        self.failed = False
        self.starts = 0
        self.hours = 0.0
        self._enabled = running
        self._command = self.speed

    @property
    def relative(self) -> float:
        return self.speed / 100.0

    @property
    def running(self) -> bool:
        return self.speed > self.RUNNING

    def step(self, dt: float, inputs: Inputs, local_on: bool = True, local_speed: float = 100.0) -> None:
        self._enabled = switch(inputs, f"{self.name}.enable", local_on)
        self._command = number(inputs, f"{self.name}.speed_command", local_speed)
        was = self.running
        target = max(self._command, self.minimum) if self._enabled and not self.failed else 0.0
        reach = self.RAMP * dt
        self.speed += min(max(target - self.speed, -reach), reach)
        self.starts += self.running and not was
        self.hours += dt / 3600.0 if self.running else 0.0

    def outputs(self, power: float, energy: float) -> Outputs:
        return outputs_of(
            self.name,
            {
                "enable": self._enabled,
                "status": self.running,
                "alarm": self.failed,
                "available": not self.failed,
                "speed": self.speed,
                "speed_command": self._command,
                "power": power,
                "energy": energy,
                "runtime": self.hours,
                "starts": float(self.starts),
            },
        )
