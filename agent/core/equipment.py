"""Equipment: chiller 1, pump 2, aisle B. Binds roles to points of any number of devices. And areas and the site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from agent.core.point import Point


class Authority(StrEnum):
    """Who is in charge of an area."""

    BMS = "bms"  # released: nothing is written
    SHADOW = "shadow"  # decides and records, writes nothing
    AGENT = "agent"


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardSettings:
    """What one machine must be spared, in site seconds. None: that guard does not apply."""

    minimum_on: float = 0.0
    minimum_off: float = 0.0
    start_to_start: float = 0.0
    starts_per_hour: int | None = None
    proof_of_flow: str | None = (
        None  # point that must be true (or above `flow_minimum`) before and while running
    )
    flow_minimum: float = 0.0
    run_on: float = 0.0  # a pump keeps running this long after the machines it serves have stopped
    serves: tuple[str, ...] = ()  # equipment that needs this one running (pump -> chillers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """One machine or lamp group as an engineer names it.

    `roles` maps a role to the id of the point that plays it. `nameplate` holds numbers in SI or the unit
    the name says (`capacity` in kW). `settings` holds what is not a number (`orientation`, `group`).
    """

    id: str
    kind: str  # chiller, pump, tower, lamp_group, zone, loop, weather ...
    area: str
    name: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)
    nameplate: Mapping[str, float] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    next_to: tuple[str, ...] = ()  # neighbours, e.g. lamp groups along a ramp
    guards: GuardSettings = GuardSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCap:
    """What the mains or a generator bears: no start that would lift the measured power (kW) above `limit`."""

    power: str  # point that measures it
    limit: float
    when: str | None = None  # switch that says the cap is in force (the generator runs); None: always


TURN_TICKS = 1.5  # of the slowest area on a mains: at least one tick of each falls into its turn


@dataclass(frozen=True, slots=True, kw_only=True)
class StartTurn:
    """When an area may start machines beside other areas on the same mains: by turns of site time, so that nobody need know of another.

    Each of `areas` has `length` seconds, and starts only in the first `window` of them: starts of two areas lie the rest apart.
    """

    place: int
    areas: int
    length: float
    window: float

    def wait(self, elapsed: float) -> float:
        """Site seconds until a start may begin; 0: now."""
        into = (elapsed - self.place * self.length) % (self.areas * self.length)
        return 0.0 if into < self.window else self.areas * self.length - into


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Equipment that is decided together, with its own tick (site seconds)."""

    id: str
    tick: float = 10.0
    authority: Authority = Authority.SHADOW  # what it starts with when nobody has said otherwise
    wake_on: frozenset[str] = frozenset()  # roles whose readings wake the area at once
    wake_spacing: float = 0.02  # shortest site seconds between wakes
    minimum_running: Mapping[str, int] = field(
        default_factory=dict
    )  # N+1 guard: kind -> units that must stay
    start_spacing: float = 0.0  # site seconds between the starts of any two of its machines
    start_cap: StartCap | None = None
    start_turn: StartTurn | None = None  # None: alone on its mains

    def slowed(self, tick: float) -> Area:
        """The same area decided no oftener than each `tick` s; its turn on the mains stays open for such a tick."""
        turn, window = self.start_turn, TURN_TICKS * tick
        if turn is not None and window > turn.window:
            turn = replace(turn, length=turn.length - turn.window + window, window=window)
        return replace(self, tick=max(self.tick, tick), start_turn=turn)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the site is; degrees, metres above the surroundings' horizon are not used (see agent.calc.sun)."""

    name: str
    latitude: float
    longitude: float
    timezone: str
    currency: str = ""
    clock: str = "auto"  # "always_trusted": the box has neither battery nor NTP in sight, and its clock is right all the same


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaModel:
    """All that does not change from tick to tick for one area: its equipment, the points they bind."""

    area: Area
    place: Place
    equipment: Mapping[str, Equipment]
    points: Mapping[str, Point]  # every point bound by a role of the equipment, plus virtual points
