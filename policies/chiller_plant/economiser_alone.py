"""A waterside economiser with a pump of its own: alone as long as it can, and how it takes the load over from machines and gives it back.

Own addition to the guideline, whose economiser shares the condenser pumps. Alone, one loop moves fans, its pump and the wanted
supply together: cold water is nearly free in cold weather and spares chilled-water pumps, and dear at the end of what the towers
can do. The least power of halls on such a plant lies on that one line (see the README beside this file).

From machines to the economiser alone there is no slow way: machines that have next to nothing to do lose their lift. So where the
weather promises that it will do, fans and pump go to their highest for a few minutes while the machines still run, which costs
them their load and nothing else; they stop when the water behind the exchanger proves it, and stay on when it does not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agent.calc.timers import held
from policies.chiller_plant.economiser import TUNING, TUNING_STEP, Economiser, alone_fans
from policies.chiller_plant.pi_loop import Loop, clipped, mapped

if TYPE_CHECKING:
    from policies.chiller_plant.sequence import PlantSequence

PROOF = 120.0  # s for which nothing must be left for the machines
PROMISED = 0.5  # K colder than the warmest supply: what the weather must promise before it is tried
SHY = 3600.0  # s until the next try after one that failed
CARRIES = 1.25  # times its design flow: what one dedicated pump moves at full speed
ICE_BAND = 3.0  # K over the coldest basin from which fans are held back
USUAL = 13.0  # % of fan speed a K of basin over wet bulb, where the gain is that of the parameter
BEND = 1.5  # of the pump's speed over the loop: most of the way belongs to the fans


def alone_supply(rule: PlantSequence, output: float) -> float:
    """DegC to aim at: cold while it costs little, warm at the end of what the towers can do. `output` 0..1 of the loop."""
    return mapped(output, (0.0, rule.economiser_supply_low), (1.0, rule.economiser_supply_high))


def alone_pump(rule: PlantSequence, now: Economiser) -> float:
    """% of the economiser's own pump; at its highest while it is tried, and beside machines."""
    if now.trying > 0.0 or now.with_machines > 0.0:
        return rule.economiser_pump_max
    span = rule.economiser_pump_max - rule.economiser_pump_min
    share: float = clipped(now.loop.output, 0.0, 1.0) ** BEND
    return rule.economiser_pump_min + span * share


def tried(
    rule: PlantSequence,
    before: Economiser,
    seconds: float,
    *,
    machines: bool,
    ready: bool,
    promised: float | None,
    behind: float | None,
) -> Economiser:
    """One tick of taking over. `promised`: water it will make with all the towers, `behind`: what leaves the exchanger now; degC.

    `machines`: some run; `ready`: nothing is changing, and the stage has had its time.
    """
    shy = max(before.shy - seconds, 0.0)
    if not (before.on and machines):
        return replace(before, shy=shy, trying=0.0, proved=0.0)
    if before.trying <= 0.0:
        likely = promised is not None and promised <= rule.economiser_supply_high - PROMISED
        begins = likely and ready and behind is not None and shy <= 0.0
        return replace(before, shy=shy, trying=1e-3 if begins else 0.0, proved=0.0)
    cold = behind is not None and behind <= rule.economiser_supply_high
    now = replace(before, trying=before.trying + seconds, proved=held(before.proved, cold, seconds))
    if now.trying <= rule.handover_time or cold:
        return now
    tuning = clipped(now.tuning + TUNING_STEP, *TUNING)  # 5.20.3.3: the promise was too bold
    return replace(now, trying=0.0, proved=0.0, shy=SHY, tuning=tuning)


def cold_cap(rule: PlantSequence, basin: float | None) -> float:
    """% that the fans may turn: towers must not freeze."""
    if basin is None:
        return 100.0
    return mapped(basin, (rule.basin_min, rule.fan_speed_min), (rule.basin_min + ICE_BAND, 100.0))


def fan_weight(speed: float, basin: float | None, wet_bulb: float | None) -> float:
    """Share of the loop's gain: the same step of a slow fan in frost moves the basin ten times as much as one in spring.

    Towers give (basin - wet bulb) * air, so a step of the fans moves the basin by (basin - wet bulb) / speed.
    """
    if basin is None or wet_bulb is None:
        return 1.0
    return clipped(speed / max(basin - wet_bulb, 1.0) / USUAL, 0.03, 1.5)


def alone_loop(
    rule: PlantSequence,
    before: Economiser,
    seconds: float,
    *,
    supply: float | None,
    basin: float | None,
    wet_bulb: float | None,
) -> Economiser:
    """One tick of the loop alone: warm supply wants more of it. Held while the supply cannot be seen."""
    began = begun_alone(before) if before.with_machines > 0.0 else before
    if supply is None:
        return began
    span = 100.0 - rule.fan_speed_min
    weight = fan_weight(rule.fan_speed_min + span * began.loop.output, basin, wet_bulb)
    above = supply - alone_supply(rule, began.loop.output)
    now = alone_fans(rule, began, seconds, above, weight)
    most = (cold_cap(rule, basin) - rule.fan_speed_min) / span
    loop = Loop(integral=min(now.loop.integral, most), output=min(now.loop.output, most))
    return replace(now, loop=loop)


def took_over(now: Economiser) -> bool:
    """Whether the machines have been seen to be left nothing."""
    return now.trying > 0.0 and now.proved >= PROOF


def begun_alone(now: Economiser) -> Economiser:
    """The machines have gone: the loop starts from where the try has left fans and pump."""
    return replace(now, trying=0.0, proved=0.0, with_machines=0.0, loop=Loop(integral=1.0, output=1.0))


def least_capacity(flow: float | None, chilled_flow: float, capacity: float) -> float:
    """KW of machines whose dedicated pumps carry this flow (l/s); `chilled_flow`, `capacity`: of all machines at design."""
    if flow is None or chilled_flow <= 0.0:
        return 0.0
    return flow / CARRIES / chilled_flow * capacity
