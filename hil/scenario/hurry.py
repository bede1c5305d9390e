"""Whether a story can be told so fast on real sockets: a line's time-outs stay real, however fast the clock runs."""

from __future__ import annotations

from collections.abc import Iterator

from hil.bench.watched import WatchedPlant
from hil.scenario.story import Kind, Scenario, Throw

NOTICED = 10.0  # real seconds until a silent device of a bus is given up for sure: time-outs, repeats, its neighbours' too
GAP = 2.0  # real seconds without a step of the plant, from which on the machine was busy with other things


def too_fast(scenario: Scenario, speed: float) -> str:
    """A sentence when faults of wire or device are over, or expected to be noticed, before they can be; else nothing."""
    spans = list(_spans(scenario))
    if not spans:
        return ""
    seconds, what = min(spans)
    if NOTICED * speed <= seconds:
        return ""
    return (
        f"at {speed:g} times the speed of life the time-outs of a line, which stay real, are up to {NOTICED * speed:.0f} s of "
        f"the story, and {what} {seconds:.0f} s: alarms will be late; use --speed {max(seconds / NOTICED, 1.0):.3g} or less"
    )


def fell_behind(plant: WatchedPlant, speed: float) -> str:
    """A sentence when this machine was too busy to keep the story's time; else nothing."""
    gap = plant.longest / speed
    if gap < GAP:
        return ""
    return (
        f"this machine was busy: for {gap:.1f} s ({plant.longest:.0f} s of the story) nothing was done, and the figures may "
        "not be those of an idle one"
    )


def _spans(scenario: Scenario) -> Iterator[tuple[float, str]]:
    """What has to be longer than it takes to notice a silence."""
    if scenario.storm is not None:
        yield scenario.storm.lasting, "a fault of the storm lasts"
    silent = set()
    for step in scenario.steps:
        if isinstance(step.deed, Throw) and step.deed.path.startswith(("bus:", "device:")):
            silent.add(step.name)
            if step.deed.seconds is not None:
                yield step.deed.seconds, f"'{step.name}' lasts"
    for one in scenario.expectations:
        if one.kind is Kind.WITHIN and one.begin.after in silent:
            yield one.within, f"'{one.name}' is given"
