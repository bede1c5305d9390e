"""5.20.4.15 When to go up or down a stage: efficiency, failsafe, a stage that is not there, and the economiser's own conditions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.calc.timers import held
from agent.core.frozen import quick, replace
from policies.chiller_plant.stages import Counts, Stage
from policies.chiller_plant.staging_ratio import ratio_down, ratio_up

if TYPE_CHECKING:
    from policies.chiller_plant.sequence import PlantSequence

FAILSAFE_HYSTERESIS = 0.3  # K below the threshold that end it; noise must not restart its timer
PRESSURE_CLEAR = 3.4  # kPa (0.5 psi): hysteresis of the pressure condition
TWICE = 2.0  # of what is too warm for the economiser alone, for half the time: machines as well
HOPELESS = 1.5  # times its capacity: a stage that is asked for more is passed over
DESERTED = 0.3  # of what one stage less has: so little is asked for only where coils have shut
DESERTED_FOR = 120.0  # s
ENOUGH = 0.6  # of the stage that is left
HOPELESSLY_WARM = 4.0  # K of supply above its set-point
HOPELESS_FOR = 480.0  # s
FLED_FOR = 7200.0  # s for which a stage that failed is remembered
SWAP = 1.25  # times the capacity, up or down: for less no machine is stopped and another one started
EASIER = 0.85  # of the load with which it failed


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class StageTimers:
    """The wanted stage, and how long (s) each reason to leave it has lasted."""

    counts: Counts = ()
    held: float = 0.0  # in this stage
    efficient: float = 0.0  # one more would be more efficient
    warm: float = 0.0  # supply too warm
    weak: float = 0.0  # pressure too low
    low: float = 0.0  # one less would do
    deserted: float = 0.0  # next to nothing is asked for
    hopeless: float = 0.0  # much too warm, and asked for far more than it has
    fled: float = 0.0  # kW asked for when a failsafe left a lower stage
    fled_capacity: float = 0.0  # kW of that stage
    fled_since: float = 0.0
    wse_warm: float = 0.0
    wse_hot: float = 0.0
    wse_able: float = 0.0  # the economiser alone would do
    reason: str = ""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the rule looks at. Temperatures are K above the supply set-point, pressure kPa below its own."""

    stages: tuple[Stage, ...]  # available ones, ascending, stage 0 first
    current: Stage
    available: bool  # the wanted stage is there
    required: float | None  # kW
    lift: float | None  # K, mean of the running machines
    warm: float | None
    weak: float | None
    economiser: bool = False  # it runs
    predicted: float | None = None  # its leaving water against set-point, K: negative is colder
    fans_full: bool = False  # the towers can do no more
    least: float = 0.0  # kW of machines whose pumps carry the flow beside the economiser
    alone: bool = False  # the economiser has proved that it needs no machine
    present: float | None = None  # kW asked for just now, where `required` is a mean

    @property
    def above(self) -> Stage | None:
        rising = self.rising
        return rising[0] if rising else None

    @property
    def rising(self) -> list[Stage]:
        """Stages with more, ascending."""
        now = self.current
        higher = (one for one in self.stages if one.capacity > now.capacity)
        return [one for one in higher if _within(now, one) or _worth_a_swap(now, one)]

    @property
    def below(self) -> Stage | None:
        now = self.current
        lower = [one for one in self.stages if 0.0 < one.capacity < now.capacity]
        worth = [one for one in lower if _within(one, now) or _worth_a_swap(now, one)]
        return worth[-1] if worth else None


def _worth_a_swap(now: Stage, other: Stage) -> bool:
    """Own addition: whether these differ so much that one machine may stop for another."""
    started = sum(max(n - had, 0) for n, had in zip(other.counts, now.counts, strict=True))
    less, more = sorted((now.capacity, other.capacity))
    return started <= 1 and more >= SWAP * less


def part_load(required: float | None, capacity: float) -> float | None:
    """OPLR, 5.20.4.10; None while the requirement is unknown."""
    return None if required is None or capacity <= 0.0 else required / capacity


def timed(rule: PlantSequence, before: StageTimers, at: Situation, seconds: float) -> StageTimers:
    """All conditions of this tick counted on."""
    warm_limit = rule.failsafe_temperature - (FAILSAFE_HYSTERESIS if before.warm > 0.0 else 0.0)
    weak_limit = rule.failsafe_pressure - (PRESSURE_CLEAR if before.weak > 0.0 else 0.0)
    warm, running = at.warm, at.current.capacity > 0.0
    alone = at.economiser and not running
    able = at.economiser and at.predicted is not None and at.predicted < -1.0 and not at.fans_full
    return replace(
        before,
        held=before.held + seconds,
        efficient=held(before.efficient, _efficient(rule, before, at), seconds),
        warm=held(before.warm, running and warm is not None and warm > warm_limit, seconds),
        weak=held(before.weak, running and at.weak is not None and at.weak > weak_limit, seconds),
        low=held(before.low, _low(rule, at), seconds),
        deserted=held(before.deserted, _deserted(at), seconds),
        hopeless=held(before.hopeless, _hopeless(at), seconds),
        fled_since=before.fled_since + seconds,
        wse_warm=held(before.wse_warm, alone and warm is not None and warm > rule.economiser_warm, seconds),
        wse_hot=held(
            before.wse_hot, alone and warm is not None and warm > TWICE * rule.economiser_warm, seconds
        ),
        wse_able=held(before.wse_able, running and able and at.below is None, seconds),
    )


def _efficient(rule: PlantSequence, before: StageTimers, at: Situation) -> bool:
    """OPLR above SPLRup (by the margin, until it is no longer above at all), and enough for the next stage's minimum."""
    load, above = part_load(at.required, at.current.capacity), at.above
    if load is None or above is None:
        return False
    limit = ratio_up(rule, at.current.compressor, above.compressor, at.lift)
    limit += 0.0 if before.efficient > 0.0 else rule.efficiency_margin
    return load > limit


def _low(rule: PlantSequence, at: Situation) -> bool:
    below = at.below
    load = None if below is None else part_load(at.required, below.capacity)
    if below is None or load is None or below.capacity < at.least:
        return False
    return load < ratio_down(rule, at.current.compressor, below.compressor, at.lift)


def _deserted(at: Situation) -> bool:
    """Own addition: the coils have shut, as when a building closes: the machines that are too many cool nothing but pipes."""
    below = at.below
    return below is not None and at.present is not None and at.present < DESERTED * below.capacity


def _hopeless(at: Situation) -> bool:
    """Own addition: a warm plant that is begun with a machine too small for it."""
    if at.warm is None or at.present is None or at.current.capacity <= 0.0:
        return False
    return at.warm > HOPELESSLY_WARM and at.present > HOPELESS * at.current.capacity


def failed(now: StageTimers, at: Situation, stage: Stage) -> bool:
    """Own addition: whether a failsafe has left so low a stage not long ago, and not much less is asked for now."""
    if stage.capacity > now.fled_capacity or now.fled_since > FLED_FOR or at.required is None:
        return False
    return at.required > EASIER * now.fled


def emptied(now: StageTimers, at: Situation) -> Stage | None:
    """The stage that is enough for what is left, without waiting; None while the coils take water."""
    if now.deserted < DESERTED_FOR or at.present is None:
        return None
    lower = (
        one for one in at.stages if 0.0 < one.capacity < at.current.capacity and _within(one, at.current)
    )
    return next((one for one in lower if at.present <= ENOUGH * one.capacity), None)


def _within(one: Stage, other: Stage) -> bool:
    """Whether nothing would have to be started to go from the other stage to this one."""
    return all(n <= most for n, most in zip(one.counts, other.counts, strict=True))


def next_stage(rule: PlantSequence, now: StageTimers, at: Situation) -> tuple[Stage, str]:
    """The stage wanted from now on and why; the present one while nothing speaks against it."""
    if not at.available:
        return at.current, "the stage before it has lost a machine"
    if at.alone:
        return at.stages[0], "the economiser alone has proved to do"
    left = emptied(now, at)
    if left is not None:
        return left, f"the coils have shut: {at.present:.0f} kW are left"
    if now.hopeless >= HOPELESS_FOR and (above := _sufficient(at, at.present, kept=True)) is not None:
        return (
            above,
            f"supply {at.warm or 0.0:.1f} K over its set-point, {at.present or 0.0:.0f} kW asked for",
        )
    if now.held < rule.stage_time:
        return at.current, now.reason
    up = _why_up(rule, now, at)
    failsafe = falls_short(rule, now)
    above = _sufficient(at, at.required, kept=failsafe)
    if up and above is not None and _worth(at, above):
        return above, up
    down = at.below is not None and now.low >= rule.efficiency_delay and not failsafe
    if at.below is not None and down and not failed(now, at, at.below):
        share = part_load(at.required, at.below.capacity) or 0.0
        return (
            at.below,
            f"{at.required:.0f} kW are {share:.0%} of the {at.below.capacity:.0f} kW one stage down",
        )
    if now.wse_able >= rule.efficiency_delay and not failsafe:
        return at.stages[0], "the economiser alone will do"
    return at.current, now.reason


def _sufficient(at: Situation, required: float | None, *, kept: bool) -> Stage | None:
    """The next stage up; own addition: one that would be hopelessly overloaded is passed over, or a warm plant climbs for hours.

    `kept`: a plant that falls short needs what runs, and only a last resort stops it for another.
    """
    rising = at.rising
    if at.least <= 0.0 and (required is None or at.current.capacity <= 0.0):
        return rising[0] if rising else None
    wanted = max((required or 0.0) / HOPELESS, at.least)
    enough = [one for one in rising if one.capacity >= wanted]
    if kept:
        enough = [one for one in enough if _within(at.current, one)] or enough
    return next(iter(enough), rising[-1] if rising else None)


def _worth(at: Situation, above: Stage) -> bool:
    """The next stage would run above its minimum cycling load; staging into cycling helps nobody."""
    return at.required is None or at.current.capacity <= 0.0 or at.required > above.minimum


def _why_up(rule: PlantSequence, now: StageTimers, at: Situation) -> str:
    if at.current.capacity <= 0.0:
        delay = rule.economiser_warm_delay
        if now.wse_hot >= delay / TWICE or now.wse_warm >= delay:
            return f"the economiser alone leaves the supply {at.warm or 0.0:.1f} K too warm"
        return ""
    if now.efficient >= rule.efficiency_delay:
        share = part_load(at.required, at.current.capacity) or 0.0
        return f"{at.required:.0f} kW are {share:.0%} of the {at.current.capacity:.0f} kW of this stage"
    if now.warm >= rule.failsafe_delay:
        return f"supply {at.warm or 0.0:.1f} K over its set-point for {now.warm / 60.0:.0f} min"
    if now.weak >= rule.failsafe_delay:
        return f"pressure {at.weak or 0.0:.0f} kPa under its set-point for {now.weak / 60.0:.0f} min"
    return ""


def falls_short(rule: PlantSequence, now: StageTimers) -> bool:
    """5.20.4.15's failsafes: the supply is too warm, or the pressure too low, for so long."""
    return now.warm >= rule.failsafe_delay or now.weak >= rule.failsafe_delay


def entered(stage: Stage, reason: str) -> StageTimers:
    """A new stage: every timer begins anew."""
    return StageTimers(counts=stage.counts, reason=reason)


def changed(
    rule: PlantSequence, before: StageTimers, at: Situation, stage: Stage, reason: str
) -> StageTimers:
    """Likewise, with the memory of a stage that a failsafe has left."""
    now = entered(stage, reason)
    if falls_short(rule, before) and stage.capacity > at.current.capacity:
        return replace(now, fled=at.required or 0.0, fled_capacity=at.current.capacity)
    return replace(now, fled=before.fled, fled_capacity=before.fled_capacity, fled_since=before.fled_since)
