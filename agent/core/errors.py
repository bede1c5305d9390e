"""The errors every room speaks: what went wrong on a wire, in a device or in a file."""

from __future__ import annotations

from dataclasses import dataclass


class PlantroomError(Exception):
    """Base of all errors that we raise on purpose."""


class BusError(PlantroomError):
    """The line or socket itself failed: time-out, cut connection, broken frame. All its devices suffer."""


class DeviceError(PlantroomError):
    """One device answered, and the answer was a refusal or made no sense."""


class RefusedError(DeviceError):
    """The device refuses this register, block or function for good (Modbus 01/02/03, OPC UA BadNotWritable...)."""


class StoreError(PlantroomError):
    """The disk refuses: what was to be kept is not durable. Live work goes on."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file a person wrote: where, what, and the mend."""

    file: str
    line: int
    column: int
    message: str
    mend: str = ""

    def __str__(self) -> str:
        text = f"{self.file}:{self.line}:{self.column}: {self.message}"
        return f"{text} ({self.mend})" if self.mend else text


class ConfigurationError(PlantroomError):
    """All problems of a configuration at once, never only the first."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
