"""The release plan: what is written, in which order, to give equipment back to local control.

Per machine: the mode bit to local where there is one, else the declared release value for every start/stop and the value
found before our first write for set-points only. Flow comes before the machine and outlives it (agent.safety.release_order);
the run-on itself belongs to local control. The same plan serves the loop (a point that nobody asks for any more), the
living agent (an area that is given back) and the release program (the agent is dead).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from agent.core.equipment import Equipment
from agent.core.point import Point, ReleaseKind, Value, ValueKind
from agent.safety.release_order import ReleaseOrder, owners_of, whole_devices

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
    after: tuple[str, ...] = ()  # points that must be through first; never in a circle
    hold: str = ""  # what keeps it from being given back yet
    missing: bool = (
        False  # there should have been something to write: a fault of the configuration or the store
    )


@dataclass(frozen=True, slots=True)
class _Way:
    value: Value | None
    reason: str
    missing: bool = False


def plan_release(
    points: Iterable[Point], equipment: Iterable[Equipment], priors: Mapping[str, Value]
) -> tuple[ReleaseStep, ...]:
    """The steps for `points`: those that were taken, no others, since a start/stop is written whatever it is now.

    `priors`: the values found before the first write. Points inside the agent and read-only ones are passed over.
    """
    machines = {one.id: one for one in equipment}
    taken = [one for one in points if one.commandable and one.device != VIRTUAL]
    owners = owners_of(taken, machines)
    covers = [one for one in taken if _hands_over(one)]
    covered = {one.id: cover.id for one in taken if (cover := _covered_by(one, covers, owners)) is not None}
    ways = {
        one.id: _Way(None, f"handed over by {covered[one.id]}")
        if one.id in covered
        else _way_back(one, priors)
        for one in taken
    }
    started = {point for point, way in ways.items() if way.value is True}
    starting = {one.id for one in machines.values() if one.roles.get("enable") in started}
    order = ReleaseOrder(machines, whole_devices(taken, owners), starting)
    taken.sort(key=order.key)
    after = order.waits(taken, covered, started)
    return tuple(
        ReleaseStep(
            point=point.id,
            value=ways[point.id].value,
            reason=ways[point.id].reason,
            equipment=order.last(point.id),
            serves=order.serves(point.id),
            after=after[point.id],
            missing=ways[point.id].missing,
        )
        for point in taken
    )


def held(steps: Iterable[ReleaseStep], holds: Mapping[str, str]) -> tuple[ReleaseStep, ...]:
    """The same plan with what keeps some of its points (`holds`) from being given back yet."""
    return tuple(replace(one, hold=holds.get(one.point, "")) for one in steps)


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


def _way_back(point: Point, priors: Mapping[str, Value]) -> _Way:
    kind, declared, prior = point.release.kind, point.release.value, priors.get(point.id)
    if kind is ReleaseKind.MODE:
        local = _local(point)
        if local is None:
            return _Way(None, "no value for local control is declared", missing=True)
        return _Way(local, "to local control")
    if kind is ReleaseKind.VALUE:
        if declared is None:
            return _Way(None, "no release value is declared", missing=True)
        return _Way(declared, "declared release value")
    if kind is ReleaseKind.NONE:
        return _Way(None, "the device reverts by itself", missing=not point.has_device_timeout)
    if point.kind is ValueKind.SWITCH:
        return _Way(None, "a start/stop without a declared release value is left as it is", missing=True)
    if prior is None:
        return _Way(None, "the value before our first write is not known", missing=True)
    return _Way(prior, "value found before our first write")
