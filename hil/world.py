"""The world between physics and faces: what is true, and what is commanded from outside."""

from __future__ import annotations

from agent.core.point import Value
from hil.plant.variables import Variable


class World:
    """Truth of the last step and the commands for the next. One event loop, no locks."""

    def __init__(self) -> None:
        self.truth: dict[str, Variable] = {}
        self.commands: dict[str, Variable] = {}

    def read(self, variable: str) -> Variable | None:
        """The true value; None for a variable the plant does not have."""
        return self.truth.get(variable)

    def command(self, variable: str, value: Value) -> None:
        """Somebody outside wants this of the machine."""
        if isinstance(value, str):
            raise TypeError(f"{variable}: a plant takes numbers and switches, not {value!r}")
        self.commands[variable] = value

    def let_go(self, variable: str) -> None:
        """Nobody outside wants anything any more: local control again."""
        self.commands.pop(variable, None)
