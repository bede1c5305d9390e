"""The release plan: what is written, in which order, to give equipment back to local control.

Per machine: the mode bit to local where there is one, else the declared release value for every start/stop and the value
found before our first write for set-points only. Machines come before the pumps and towers that serve them, so that flow
outlives the machine; the run-on itself belongs to local control.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from agent.core.equipment import Equipment
from agent.core.point import Point, ReleaseKind, Value, ValueKind
from agent.safety.serving import serving_ranks

VIRTUAL = "virtual"

STARTING_ROLES = frozenset({"enable", "lamp_switch"})
"""Roles that a maintenance lock-out holds off; every other point of the machine is left alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseStep:
    """One point to be given back. `value` None: nothing is written, and `reason` says why that is right or wrong."""

    point: str
    value: Value | None
    reason: str
    equipment: str = ""  # the machine that binds the point; of several the one released last
    serves: tuple[
        str, ...
    ] = ()  # machines that need this one: keep it running while one could not be released
    missing: bool = (
        False  # there should have been something to write: a fault of the configuration or the store
    )


def plan_release(
    points: Iterable[Point], equipment: Iterable[Equipment], priors: Mapping[str, Value]
) -> tuple[ReleaseStep, ...]:
    """The steps for `points`: those that were taken, no others, since a start/stop is written whatever it is now.

    `priors`: the values found before the first write. Points inside the agent and read-only ones are passed over.
    """
    machines = {one.id: one for one in equipment}
    owners = _owners(machines)
    taken = [one for one in points if one.commandable and one.device != VIRTUAL]
    ranks = serving_ranks(machines)
    last = max(ranks.values(), default=0) + 1

    def order(point: Point) -> tuple[int, int]:
        ids = owners.get(point.id, ())
        return max((ranks[one] for one in ids), default=last), _place(point)

    covers = [one for one in taken if _hands_over(one)]
    steps = []
    for point in sorted(taken, key=order):
        ids = sorted(owners.get(point.id, ()), key=lambda one: ranks[one])
        cover = _covered_by(point, covers, owners)
        value, reason, missing = _way_back(point, priors) if cover is None else (None, "", False)
        steps.append(
            ReleaseStep(
                point=point.id,
                value=value,
                reason=reason if cover is None else f"handed over by {cover.id}",
                equipment=ids[-1] if ids else "",
                serves=machines[ids[-1]].guards.serves if ids else (),
                missing=missing,
            )
        )
    return tuple(steps)


def kept_off(
    points: Iterable[Point], equipment: Iterable[Equipment], locked_out: Collection[str]
) -> frozenset[str]:
    """Points of locked-out machines that are not given back, since local control might start the machine."""
    locked = [one for one in equipment if one.id in locked_out]
    starting = {id_ for one in locked for role, id_ in one.roles.items() if role in STARTING_ROLES}
    bound = {id_ for one in locked for id_ in one.roles.values()}
    return frozenset(
        one.id
        for one in points
        if one.id in starting or (one.id in bound and one.release.kind is ReleaseKind.MODE)
    )


def _owners(machines: Mapping[str, Equipment]) -> dict[str, tuple[str, ...]]:
    owners: dict[str, tuple[str, ...]] = {}
    for machine in machines.values():
        for point in dict.fromkeys(machine.roles.values()):
            owners[point] = (*owners.get(point, ()), machine.id)
    return owners


def _place(point: Point) -> int:
    """Inside one machine: who is in charge first, then start/stop, then set-points."""
    if point.release.kind is ReleaseKind.MODE:
        return 0
    return 1 if point.release.kind is ReleaseKind.VALUE else 2


def _hands_over(point: Point) -> bool:
    return point.release.kind is ReleaseKind.MODE and _local(point) is not None


def _local(point: Point) -> Value | None:
    """What the mode point is set to: as declared; a switch without declaration goes off, which is `remote` off."""
    if point.release.value is not None:
        return point.release.value
    return False if point.kind is ValueKind.SWITCH else None


def _covered_by(point: Point, covers: Iterable[Point], owners: Mapping[str, tuple[str, ...]]) -> Point | None:
    """The mode point that hands this one over: on the same device, for the same machine or for the whole device."""
    if point.release.kind is ReleaseKind.MODE:
        return None
    mine = set(owners.get(point.id, ()))
    for cover in covers:
        theirs = owners.get(cover.id, ())
        if cover.device == point.device and (not theirs or mine & set(theirs)):
            return cover
    return None


def _way_back(point: Point, priors: Mapping[str, Value]) -> tuple[Value | None, str, bool]:
    """Value, reason, and whether something is missing."""
    kind, declared, prior = point.release.kind, point.release.value, priors.get(point.id)
    if kind is ReleaseKind.MODE:
        value = _local(point)
        return (
            value,
            "to local control" if value is not None else "no value for local control is declared",
            (value is None),
        )
    if kind is ReleaseKind.VALUE:
        return (
            declared,
            "declared release value" if declared is not None else "no release value is declared",
            (declared is None),
        )
    if kind is ReleaseKind.NONE:
        return None, "the device reverts by itself", not point.has_device_timeout
    if point.kind is ValueKind.SWITCH:
        return None, "a start/stop without a declared release value is left as it is", True
    if prior is None:
        return None, "the value before our first write is not known", True
    return prior, "value found before our first write", False
