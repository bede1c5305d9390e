"""Pumps and towers that belong to chillers: started before their machine, stopped some time after it.

Which ones belong to a machine is said by their guards (`serves`). One that serves several machines stays as long as any
of them is wanted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.core.equipment import Equipment
from agent.core.snapshot import Snapshot
from policies.chiller_plant.unit_stance import Stance, UnitState
from policies.chiller_plant.units import Unit, other_claims, state_of_health

_WANTED = (Stance.ON, Stance.STARTING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Auxiliary:
    """One pump or tower now."""

    id: str
    point: str
    kind: str
    serves: tuple[str, ...]
    run_on: float  # s
    running: bool | None
    barred: str
    managed: str  # a weaker claim decides on it too

    @property
    def dedicated(self) -> bool:
        return len(self.serves) == 1


def read_auxiliaries(
    snapshot: Snapshot, units: Sequence[Unit], name: str, run_on: float
) -> tuple[Auxiliary, ...]:
    """Those of the area that serve one of these chillers and that we can command."""
    ids = {unit.id for unit in units}
    return tuple(
        _read(snapshot, one, tuple(id_ for id_ in one.guards.serves if id_ in ids), name, run_on)
        for one in snapshot.model.equipment.values()
        if one.kind in ("pump", "tower") and "enable" in one.roles and ids.intersection(one.guards.serves)
    )


def _read(snapshot: Snapshot, one: Equipment, serves: tuple[str, ...], name: str, run_on: float) -> Auxiliary:
    status = snapshot.value(one, "status")
    barred, _ = state_of_health(snapshot, one)
    forced, forced_on, managed = other_claims(snapshot, one.roles["enable"], name)
    return Auxiliary(
        id=one.id,
        point=one.roles["enable"],
        kind=one.kind,
        serves=serves,
        run_on=max(one.guards.run_on, run_on),
        running=None if status is None or isinstance(status, str) else bool(status),
        barred=barred or (f"held off by {forced}" if forced and not forced_on else ""),
        managed=managed,
    )


def unable(unit: str, auxiliaries: Sequence[Auxiliary]) -> str:
    """Why the machine cannot have water; empty when it can."""
    lost = (one for one in auxiliaries if one.serves == (unit,) and one.kind == "pump" and one.barred)
    return next((f"its pump {one.id} is {one.barred}" for one in lost), "")


def water_missing(snapshot: Snapshot, unit: str, auxiliaries: Sequence[Auxiliary]) -> str:
    """What a start still waits for; empty when pumps run and flow is proven, as far as there is feedback.

    Only feedback that plainly says no holds a start: without any the lead time and the guards must do.
    """
    for one in auxiliaries:
        if unit in one.serves and one.kind == "pump" and one.running is False:
            return f"waits for {one.id} to run"
    if snapshot.value(snapshot.model.equipment[unit], "flow_proof") is False:
        return "waits for its flow switch"
    return ""


def idle_times(
    before: Mapping[str, float],
    auxiliaries: Sequence[Auxiliary],
    units: Mapping[str, Unit],
    states: Mapping[str, UnitState],
    seconds: float,
) -> Mapping[str, float]:
    """Seconds for which nothing that each one serves was wanted or running."""
    return {
        one.id: 0.0
        if any(states[id_].stance in _WANTED or units[id_].running is not False for id_ in one.serves)
        else before.get(one.id, 0.0) + seconds
        for one in auxiliaries
    }


def auxiliary_wish(
    one: Auxiliary, units: Mapping[str, Unit], states: Mapping[str, UnitState], idle: float
) -> tuple[bool | None, str]:
    """What it shall do and why; `idle` is its own of `idle_times`."""
    starting = [id_ for id_ in one.serves if states[id_].stance is Stance.STARTING]
    if starting:
        return True, f"goes ahead of {', '.join(starting)}"
    wanted = [id_ for id_ in one.serves if states[id_].stance is Stance.ON]
    if wanted and one.managed:
        return None, f"left to {one.managed}"
    if wanted:
        return True, f"serves {', '.join(wanted)}"
    shed = [id_ for id_ in one.serves if states[id_].stance is Stance.SHED]
    if len(shed) < len(one.serves):
        return None, "left to the plant's own control, as what it serves"
    running = [id_ for id_ in shed if units[id_].running is not False]
    if running:
        return True, f"{', '.join(running)} not proven stopped yet"
    if idle < one.run_on:
        return True, f"runs on for {one.run_on:g} s after {', '.join(shed)}"
    return False, f"stopped with {', '.join(shed)}"
