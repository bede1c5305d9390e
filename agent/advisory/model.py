"""The words of advisory mode: sites, people, tasks that somebody has to answer, notes that are to be sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from agent.advisory.settings import ChannelSettings, ServiceSettings
from agent.calc.lamp_year import LampPlace


class TaskKind(StrEnum):
    """What is wanted of somebody."""

    TIMES = "times"  # set the clock to the times of the coming night
    DARK = "dark"  # by the meter the lamps are not lit and should be
    BURNING = "burning"  # ... burn and should not


class TaskState(StrEnum):
    """How far it is."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    EXECUTED = "executed"  # the meter has seen it
    UNANSWERED = "unanswered"  # everybody has been told, nobody answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who can be told."""

    id: str
    name: str
    channel: str
    mention: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvisorySite:
    """One community with its lamps."""

    id: str
    place: LampPlace
    channel: str
    people: tuple[str, ...] = ()
    meter: bool = False
    on_power: float = 0.1  # kW


@dataclass(frozen=True, slots=True, kw_only=True)
class Advisory:
    """All that an advisory file says."""

    service: ServiceSettings
    channels: Mapping[str, ChannelSettings]
    people: Mapping[str, Person]
    sites: Mapping[str, AdvisorySite]


@dataclass(frozen=True, slots=True)
class Task:
    """`number` names it in links; `step`: 0 the site's channel was told, 1 the first person ..."""

    number: int
    key: str  # site/evening/kind, with the instant for what the meter saw: nothing is asked twice
    site: str
    kind: TaskKind
    state: TaskState
    step: int
    next_at: float  # UTC seconds of the next step
    detail: str  # JSON: what a message of it says
    by: str = ""
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Note:
    """One line for one channel. `number` orders them; it is gone from the queue when the channel has taken it."""

    number: int
    key: str
    task: int
    site: str
    channel: str
    kind: TaskKind
    step: int
    detail: str
    mention: str
    expires: float
    tries: int = 0


class BusyError(Exception):
    """The channel cannot take it now: try again, no sooner than `wait` s."""

    def __init__(self, message: str, wait: float = 0.0) -> None:
        super().__init__(message)
        self.wait = wait


class ContentError(Exception):
    """The channel refuses this content: trying again changes nothing."""
