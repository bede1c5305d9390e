"""Why the optimiser wants what it wants, in a sentence."""

from __future__ import annotations

from policies.chiller_plant.optimiser_problem import Choice

_NUMBERS = (
    "no machine",
    "one machine",
    "two machines",
    "three machines",
    "four machines",
    "five machines",
    "six machines",
)


def several(number: int) -> str:
    return _NUMBERS[number] if number < len(_NUMBERS) else f"{number} machines"


def told(best: Choice, present: Choice | None) -> str:
    """For example: two machines at 62 % beat three at 41 %: 412 kW against 447 kW."""
    mine = f"{several(len(best.machines))} at {100.0 * best.share:.0f} %"
    if present is None:
        return f"{mine} {_do(best)}: {best.power:.0f} kW"
    if present.machines == best.machines:
        return f"{mine} {_do(best)} best: {best.power:.0f} kW"
    theirs = several(len(present.machines)).removesuffix(" machines").removesuffix(" machine")
    beat = "beats" if len(best.machines) == 1 else "beat"
    other = f"{theirs} at {100.0 * present.share:.0f} %"
    if len(best.machines) == len(present.machines):
        other = f"{', '.join(present.machines)} at {100.0 * present.share:.0f} %"
        mine = f"{', '.join(best.machines)} at {100.0 * best.share:.0f} %"
    return f"{mine} {beat} {other}: {best.power:.0f} kW against {present.power:.0f} kW"


def settings(choice: Choice) -> str:
    """The settings of a choice."""
    at = choice.settings
    return (
        f"{several(len(choice.machines))} at {100.0 * choice.share:.0f} %: supply {at.supply:.1f} degC, fans {100.0 * at.fan:.0f} %, "
        f"condenser pumps {100.0 * at.speed:.0f} %, {choice.power:.0f} kW in all"
    )


def _do(choice: Choice) -> str:
    return "does" if len(choice.machines) == 1 else "do"
