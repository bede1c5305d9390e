"""The commonest "parameter optimisation": supply temperature by outdoor temperature, a straight line between two points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from agent.core.command import Command, Priority
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.snapshot import Snapshot
from hil.baselines.machines import Voice


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing to remember."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeasonalSetpoint:
    """Supply set-point of all chillers."""

    kind: ClassVar[str] = "baseline.seasonal_setpoint"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple[RoleNeed, ...]] = (
        RoleNeed("outdoor_dry_bulb", "weather", without="the lower set-point"),
    )
    claims: ClassVar[tuple[RoleClaim, ...]] = (
        RoleClaim("chilled_water_setpoint", "chiller", Priority.OPTIMISER),
    )

    name: str = parameter("", help="name of this policy in the site file")
    low: float = parameter(7.0, unit="degC", low=4.0, high=20.0, help="set-point when it is hot")
    high: float = parameter(10.0, unit="degC", low=4.0, high=20.0, help="set-point when it is mild")
    hot: float = parameter(
        30.0, unit="degC", low=15.0, high=40.0, help="outdoor temperature of the lower one"
    )
    mild: float = parameter(
        20.0, unit="degC", low=0.0, high=35.0, help="outdoor temperature of the higher one"
    )

    def __post_init__(self) -> None:
        if not self.mild < self.hot or not self.low <= self.high:
            raise ValueError("mild lies below hot, low not above high")

    def initial_state(self) -> Nothing:
        return Nothing()

    def decide(self, snapshot: Snapshot, state: Nothing) -> tuple[Sequence[Command], Nothing]:
        found = [snapshot.number_of(one, "outdoor_dry_bulb") for one in snapshot.equipment("weather")]
        share = 0.0
        if found and found[0] is not None:
            share = min(max((self.hot - found[0]) / (self.hot - self.mild), 0.0), 1.0)
        wanted = round(self.low + share * (self.high - self.low), 1)
        voice = Voice(self.name, Priority.OPTIMISER)
        commands: list[Command] = []
        for one in snapshot.equipment("chiller"):
            commands += voice.wish(one, "chilled_water_setpoint", wanted, "by outdoor temperature")
        return commands, state
