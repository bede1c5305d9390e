"""Runs the policies of one area on one snapshot. A policy that raises costs its own commands, never the tick."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.core.command import Command, lifetime
from agent.core.frozen import quick
from agent.core.policy import AnyPolicy
from agent.core.snapshot import Snapshot
from agent.core.tick import PolicyFault

log = logging.getLogger("plantroom.policy")


@quick
@dataclass(frozen=True, slots=True)
class Wishes:
    """What all policies of an area want in one tick."""

    commands: tuple[Command, ...]
    heard: frozenset[str]  # policies that decided
    states: Mapping[str, Any]
    faults: tuple[PolicyFault, ...]


def decide_all(policies: Sequence[AnyPolicy], snapshot: Snapshot, states: Mapping[str, Any]) -> Wishes:
    """Ask every policy; the order does not matter, since none sees what another wished in this tick."""
    commands: list[Command] = []
    heard: set[str] = set()
    after = dict(states)
    faults: list[PolicyFault] = []
    end = snapshot.elapsed + lifetime(snapshot.model.area.tick)
    for policy in policies:
        try:
            wished, state = policy.decide(snapshot, states[policy.name])
            mine = [_complete(command, policy.name, end) for command in wished]
        except Exception as error:  # noqa: BLE001 - a policy's fault is a fault of that policy only
            faults.append(PolicyFault(policy=policy.name, error=_place(error)))
            continue
        after[policy.name] = state
        heard.add(policy.name)
        commands.extend(mine)
    return Wishes(tuple(commands), frozenset(heard), after, tuple(faults))


def _complete(command: Command, policy: str, end: float) -> Command:
    if command.source == policy and command.expires is not None:
        return command
    # written out: this is done for every wish of every tick
    return Command(
        point=command.point,
        priority=command.priority,
        source=policy,
        reason=command.reason,
        value=command.value,
        low=command.low,
        high=command.high,
        expires=end if command.expires is None else command.expires,
    )


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1]
    return f"{type(error).__name__}: {error} ({last.name}, line {last.lineno})"
