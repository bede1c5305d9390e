"""The cheapest way to carry the load: every set of machines, and for each the best settings.

Enumeration is exact over the sets. Within one set the power is a smooth bowl in three settings, so a pattern search that halves
its steps finds the bottom; sets that even so could not come near the best are not searched. Then unlike machines may share the
load unevenly, by set-points of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import inf

from policies.chiller_plant.optimiser_problem import Candidate, Choice, Problem, Settings

STEPS = (1.0, 0.16, 0.12)  # K, share of fan speed, share of pump speed
FINEST = 8.0  # the last steps are smaller by this
HOPE = 0.05  # a set may gain so much by settings of its own
ALIKE = 0.03  # the same among sets of as many machines, with the settings of the best of them
MORE = 1.08  # of pump speed
MOST = 4  # of those are settled at most
WORTH = 0.003  # of power: less is not worth an uneven load
UNEVEN = 0.25  # K
MANY = 8  # machines; above, only sets near the running one are looked at
NEAR = 2  # machines that may change then

Machines = tuple[Candidate, ...]


def search(problem: Problem, start: Settings) -> tuple[Choice | None, Choice | None]:
    """The cheapest choice, and the cheapest one with just the machines that run now."""
    start = within(problem, start)
    running = tuple(one for one in problem.candidates if one.running)
    present = settled(problem, running, start) if running else None
    found = [present] if present is not None and problem.able(running) else []
    groups: dict[int, list[Machines]] = {}
    for one in possible(problem):
        if one != running:
            groups.setdefault(len(one), []).append(one)
    if present is not None and found:
        start = present.settings
    ordered = sorted((min(_costs(problem, sets, start))[0], number) for number, sets in groups.items())
    gained = 0.0
    for cost, number in ordered:
        best = min((one.cost for one in found), default=inf)
        if cost * (1.0 - gained - HOPE) > best:
            continue
        more = _of_one_number(problem, groups[number], start)
        gained = max(gained, 1.0 - more[0].cost / cost)
        found += more
    found.sort(key=lambda one: one.cost)
    if problem.limits.spread > 0.0:
        near = {one.machines for one in found[:2]} | ({present.machines} if present else set())
        found = [_uneven(problem, one) if one.machines in near else one for one in found]
    chosen = min(found, key=lambda one: one.cost, default=None)
    same = (one for one in found if present is not None and one.machines == present.machines)
    return chosen, next(same, present)


def _costs(problem: Problem, sets: Sequence[Machines], at: Settings) -> list[tuple[float, int]]:
    """Cost of each set near these settings, and its place. A little more condenser water may spare another set a broken limit."""
    more = Settings(at.supply, at.fan, _into(at.speed * MORE, problem.limits.speed))
    return [
        (min(problem.power(one, at), problem.power(one, more)) + problem.cost(one), place)
        for place, one in enumerate(sets)
    ]


def _of_one_number(problem: Problem, sets: Sequence[Machines], start: Settings) -> list[Choice]:
    """Sets of as many machines want much the same settings: found once, then only those near the best are settled too."""
    _, first = min(_costs(problem, sets, start))
    found = [settled(problem, sets[first], start)]
    at = found[0].settings
    best = found[0].cost
    for cost, place in sorted(_costs(problem, sets, at)):
        if place == first or cost * (1.0 - ALIKE) > best or len(found) > MOST:
            continue
        found.append(settled(problem, sets[place], at, 0.25))
        best = min(best, found[-1].cost)
    return found


def possible(problem: Problem) -> Iterator[Machines]:
    """Every set that the guards allow and that can carry what must be secured."""
    every = tuple(problem.candidates)
    stay = {one.id for one in every if one.must_stay}
    running = {one.id for one in every if one.running}
    for number in range(1, len(every) + 1):
        for one in combinations(every, number):
            ids = {each.id for each in one}
            if not stay <= ids or any(each.must_rest and not each.running for each in one):
                continue
            if len(every) > MANY and len(ids ^ running) > NEAR:
                continue
            if problem.able(one):
                yield one


def settled(problem: Problem, machines: Machines, start: Settings, part: float = 1.0) -> Choice:
    """One set with the best settings near `start`, all machines at one supply temperature. `part` of the first steps."""
    found = _descended(problem, machines, start, part)
    problem.rounds = 2
    power = problem.power(machines, found)
    problem.rounds = 1
    return _choice(problem, machines, found, power)


def _uneven(problem: Problem, choice: Choice) -> Choice:
    """The same machines with the load shared out unevenly, where that is worth it."""
    machines = tuple(one for one in problem.candidates if one.id in choice.machines)
    if len(machines) < 2 or not all(one.own_setpoint for one in machines):
        return choice
    settings, power = _shared_out(problem, machines, choice.settings)
    return choice if power > choice.power * (1.0 - WORTH) else _choice(problem, machines, settings, power)


def _choice(problem: Problem, machines: Machines, settings: Settings, power: float) -> Choice:
    return Choice(
        machines=tuple(one.id for one in machines),
        settings=settings,
        power=power,
        cost=power + problem.cost(machines),
        share=problem.load / problem.capacity(machines, settings.supply),
    )


def within(problem: Problem, settings: Settings) -> Settings:
    """The same inside the limits."""
    limits = problem.limits
    return Settings(
        _into(settings.supply, limits.supply),
        _into(settings.fan, limits.fan),
        _into(settings.speed, limits.speed),
    )


def _descended(problem: Problem, machines: Machines, start: Settings, part: float) -> Settings:
    """Pattern search in supply, fan and pump speed."""
    limits = problem.limits
    spans = (limits.supply, limits.fan, limits.speed)
    free = [axis for axis in range(3) if spans[axis][1] > spans[axis][0]]
    at = [start.supply, start.fan, start.speed]
    least = problem.power(machines, start)
    signs = [1.0, -1.0, -1.0]
    while part >= 1.0 / FINEST:
        moved = False
        for axis in free:
            for sign in (signs[axis], -signs[axis]):
                was = at[axis]
                tried = _into(was + sign * part * STEPS[axis], spans[axis])
                if tried == was:
                    continue
                at[axis] = tried
                power = problem.power(machines, Settings(at[0], at[1], at[2]))
                if power < least * (1.0 - 1e-5):
                    least, moved, signs[axis] = power, True, sign
                    break
                at[axis] = was
        if not moved:
            part /= 2.0
    return Settings(at[0], at[1], at[2])


def _shared_out(problem: Problem, machines: Machines, at: Settings) -> tuple[Settings, float]:
    """Load moved from one machine to another, a quarter of a kelvin at a time, while that pays."""
    offsets = [0.0] * len(machines)
    mean = sum(one.chilled_flow for one in machines) / len(machines)
    coldest, spread = problem.limits.supply[0], problem.limits.spread
    best, power, step = at, problem.power(machines, at), 2.0 * UNEVEN
    while step >= UNEVEN:
        moved = False
        for warm, cold in _pairs(len(machines)):
            tried = list(offsets)
            tried[warm] += step * mean / machines[warm].chilled_flow
            tried[cold] -= step * mean / machines[cold].chilled_flow
            if max(abs(tried[warm]), abs(tried[cold])) > spread or at.supply + tried[cold] < coldest:
                continue
            settings = Settings(at.supply, at.fan, at.speed, tuple(tried))
            less = problem.power(machines, settings)
            if less < power * (1.0 - 1e-4):
                power, best, offsets, moved = less, settings, tried, True
        if not moved:
            step /= 2.0
    return best, power


def _pairs(number: int) -> Sequence[tuple[int, int]]:
    return [(one, other) for one in range(number) for other in range(number) if one != other]


def _into(value: float, span: tuple[float, float]) -> float:
    return min(max(value, span[0]), span[1])
