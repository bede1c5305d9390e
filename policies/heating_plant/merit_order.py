"""Which sources run: as many of the cheapest as the building and the tank want, one change at a time.

The order is by cost, or by the renewable share first while that is behind. The sources of the order up to the wanted heat run; the last of them comes
when more than a part of it is wanted and goes when less than another part is, so that a machine that knows only on and off works with the
tank. Beyond the order one source more comes whenever the supply stays too cold; a back-up comes in no other way, unless nothing else is left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import floor, log

from policies.heating_plant.dispatch_state import DispatchState, SourceState
from policies.heating_plant.sources import Source

COMES, GOES = 0.6, 0.25  # parts of the least that the last source can give that must be wanted
PROVEN = 120.0  # s a machine must have run before another is let go for it
HALF = 0.5  # of the wanted share: what is less renewable than that comes later while the account is behind
EQUAL = 0.02  # costs nearer than this share are the same: hours decide


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """All in s but for `stays`: share by which a source must be dearer than a standing one to give way to it."""

    between: float
    minimum_on: float
    minimum_off: float
    more_after: float
    less_after: float
    stays: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Heat in kW that is wanted of the sources.

    `fill`: with the tank filled for later, by sources whose heat costs less than `worth`. `full`: the tank is hot down to the bottom.
    """

    kw: float
    fill: float = 0.0
    worth: float = 0.0
    full: bool = False

    def of(self, one: Source) -> float:
        """What this source may be started for."""
        return max(self.kw, self.fill) if one.cost < self.worth else self.kw


def merit_order(
    sources: Sequence[Source],
    states: Mapping[str, SourceState],
    *,
    behind: bool,
    wanted_share: float,
    stays: float,
) -> list[Source]:
    """Those that may run, the first to run first; back-ups at the end."""

    def rank(one: Source) -> tuple[bool, bool, int, float, str]:
        held = states.get(one.id, SourceState()).on
        cost = one.cost * (1.0 - stays if held else 1.0)
        later = behind and 100.0 * one.renewable < HALF * wanted_share
        return one.backup, later, _rounded(cost), one.hours, one.id

    return sorted((one for one in sources if one.usable and one.capacity > 0.0), key=rank)


def _rounded(cost: float) -> int:
    """In steps of `EQUAL`, so that like machines are alike."""
    return floor(log(max(cost, 1e-6)) / log(1.0 + EQUAL))


def chosen(
    order: Sequence[Source], states: Mapping[str, SourceState], wanted: Wanted, extra: int
) -> list[str]:
    """Names of those that are to run now."""
    firm = [one for one in order if not one.backup] or list(order)
    names: list[str] = []
    before = 0.0
    for one in firm:
        part = GOES if states.get(one.id, SourceState()).on else COMES
        if wanted.of(one) <= before + part * max(one.least, 0.5) * one.capacity:
            break
        names.append(one.id)
        before += one.capacity
    rest = [one.id for one in order if one.id not in names]
    return [*names, *rest[:extra]]


def moved(
    pace: Pace, order: Sequence[Source], state: DispatchState, wanted: Wanted, seconds: float
) -> DispatchState:
    """The sources after at most one start and, where nothing starts, at most one stop."""
    names = chosen(order, state.sources, wanted, state.extra)
    start = next((one for one in order if one.id in names and not state.sources[one.id].on), None)
    stop = next((one for one in reversed(order) if one.id not in names and state.sources[one.id].on), None)
    state = replace(
        state,
        more=state.more + seconds if start is not None else 0.0,
        less=state.less + seconds if stop is not None else 0.0,
    )
    if start is not None and state.more >= pace.more_after and state.since_change >= pace.between:
        held = state.sources[start.id]
        if held.held >= _least(start.equipment.guards.minimum_off, pace.minimum_off):
            return switched(state, start.id, on=True)
    if stop is not None and (wanted.full or start is None):
        carried = [one for one in order if one.id in names]
        if _may_stop(pace, state, stop, carried, full=wanted.full):
            return switched(state, stop.id, on=False)
    return state


def switched(state: DispatchState, name: str, *, on: bool) -> DispatchState:
    """One source started or stopped."""
    sources = dict(state.sources)
    sources[name] = replace(sources[name], on=on, held=0.0, missing=0.0)
    return replace(state, sources=sources, since_change=0.0, more=0.0, less=0.0)


def _may_stop(
    pace: Pace, state: DispatchState, stop: Source, carried: Sequence[Source], *, full: bool
) -> bool:
    """`carried`: by whom the heat is made without it. They must be seen to run, unless nothing takes heat any more."""
    if state.sources[stop.id].held < _least(stop.equipment.guards.minimum_on, pace.minimum_on):
        return False
    if full:
        return True
    proven = all(state.sources[one.id].running >= PROVEN for one in carried)
    return proven and state.less >= pace.less_after and state.since_change >= pace.between


def _least(guard: float, own: float) -> float:
    return max(guard, own)
