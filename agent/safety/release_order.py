"""Who is given back when: flow comes before the machine and outlives it.

What stops (or is only adjusted) goes from the machine to the pumps and towers that serve it; what is started by its release
value goes the other way round.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from agent.core.equipment import Equipment
from agent.core.point import Point, ReleaseKind
from agent.safety.serving import serving_ranks


class ReleaseOrder:
    """The turns of one release. `starting`: machines whose enable point is given back as on."""

    def __init__(
        self,
        machines: Mapping[str, Equipment],
        owners: Mapping[str, tuple[str, ...]],
        starting: Collection[str],
    ) -> None:
        self._machines = machines
        self._owners = owners
        self._starting = starting
        self._ranks = serving_ranks(machines)
        self._started_by: dict[str, list[str]] = {}  # machine -> those of the starting ones that serve it
        for name in sorted(starting):
            for one in machines[name].guards.serves:
                self._started_by.setdefault(one, []).append(name)

    def key(self, point: Point) -> tuple[int, int]:
        """Sorts points into their order. What belongs to no machine comes last."""
        last = self.last(point.id)
        return (self._turn(last) if last else len(self._machines)), _place(point)

    def last(self, point: str) -> str:
        """Of the machines behind the point the one whose turn comes last; empty: there is none."""
        return max(self._owners.get(point, ()), key=self._turn, default="")

    def serves(self, point: str) -> tuple[str, ...]:
        """The machines that must be through before this point; none where it starts what serves them."""
        stopping = [one for one in self._owners.get(point, ()) if one not in self._starting]
        return tuple(dict.fromkeys(name for one in stopping for name in self._machines[one].guards.serves))

    def starts_before(self, point: str) -> tuple[str, ...]:
        """The enable points of what serves the machines that this point starts, where those are started too."""
        mine = [one for one in self._owners.get(point, ()) if self._enable(one) == point]
        served_by = {name for one in mine for name in self._started_by.get(one, ()) if self._above(name, one)}
        return tuple(dict.fromkeys(self._enable(name) for name in sorted(served_by)))

    def waits(
        self, points: Sequence[Point], covered: Mapping[str, str], started: Collection[str]
    ) -> dict[str, tuple[str, ...]]:
        """Which points must be through before each: its mode bit, the pumps that are started, the machines it serves.

        A wait that would close a circle is left out: what hands over a whole device may serve and be served.
        """
        waits: dict[str, tuple[str, ...]] = {}
        of_machine: dict[str, list[str]] = {}
        for point in points:
            of_machine.setdefault(self.last(point.id), []).append(point.id)
            cover = (covered[point.id],) if point.id in covered else ()
            waits[point.id] = cover + (self.starts_before(point.id) if point.id in started else ())
        for point in points:
            served = [one for name in self.serves(point.id) for one in of_machine.get(name, ())]
            fair = [one for one in dict.fromkeys(served) if not _reaches(one, point.id, waits)]
            waits[point.id] = tuple(dict.fromkeys((*waits[point.id], *fair)))
        return waits

    def _above(self, server: str, machine: str) -> bool:
        """False in a circle: somebody has to be first."""
        return self._ranks[server] > self._ranks[machine] and self._enable(server) != self._enable(machine)

    def _enable(self, machine: str) -> str:
        return self._machines[machine].roles.get("enable", "")

    def _turn(self, machine: str) -> int:
        rank = self._ranks[machine]
        return -rank if machine in self._starting else rank


def _reaches(start: str, goal: str, waits: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether `start` is the goal or waits for it, over however many others."""
    seen, to_see = {start}, [start]
    while to_see:
        fresh = [one for one in waits.get(to_see.pop(), ()) if one not in seen]
        seen.update(fresh)
        to_see.extend(fresh)
    return goal in seen


def owners_of(points: Sequence[Point], machines: Mapping[str, Equipment]) -> dict[str, tuple[str, ...]]:
    """The machines that bind each point; nothing for a point that none binds."""
    owners: dict[str, tuple[str, ...]] = {}
    for machine in machines.values():
        for point in dict.fromkeys(machine.roles.values()):
            owners[point] = (*owners.get(point, ()), machine.id)
    return {one.id: owners[one.id] for one in points if one.id in owners}


def whole_devices(
    points: Sequence[Point], owners: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """The same, and a mode bit that no machine binds stands for every machine on its device."""
    more = dict(owners)
    for mode in points:
        if mode.release.kind is ReleaseKind.MODE and mode.id not in owners:
            beside = (owners.get(one.id, ()) for one in points if one.device == mode.device)
            more[mode.id] = tuple(dict.fromkeys(name for names in beside for name in names))
    return more


def _place(point: Point) -> int:
    """Inside one machine: who is in charge first, then start/stop, then set-points."""
    if point.release.kind is ReleaseKind.MODE:
        return 0
    return 1 if point.release.kind is ReleaseKind.VALUE else 2
