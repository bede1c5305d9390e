"""What a policy is: a dataclass of parameters with a pure `decide`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeVar

from agent.core.command import Command
from agent.core.snapshot import Snapshot

State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class RoleNeed:
    """A role the policy reads, on which kind of equipment, and what it does without it."""

    role: str
    equipment: str
    required: bool = True
    without: str = ""  # plain words for the page: what happens when this input is missing


@dataclass(frozen=True, slots=True)
class RoleClaim:
    """A role the policy commands, on which kind of equipment and with which priority."""

    role: str
    equipment: str
    priority: int


class Policy(Protocol[State]):
    """A control policy. Implementations are frozen dataclasses whose fields are `parameter(...)`s.

    `name` is the instance's name in the site file (field `name`, set by the composition root) and the source of
    its commands. `decide` is synchronous, without I/O, clock or chance: same snapshot and state, same result.
    State is a frozen dataclass of plain values (see agent.core.serial), so timers survive a restart.
    """

    kind: ClassVar[str]  # "<domain>.<file name>"
    version: ClassVar[int]
    state_version: ClassVar[int]
    reads: ClassVar[tuple[RoleNeed, ...]]
    claims: ClassVar[tuple[RoleClaim, ...]]

    @property
    def name(self) -> str: ...

    def initial_state(self) -> State: ...

    def decide(self, snapshot: Snapshot, state: State) -> tuple[Sequence[Command], State]: ...


AnyPolicy = Policy[Any]
