"""The states of a plant whose cooling must not stop: calm, bridging a machine's failure, utility lost, restarting, recovering.

Pure: what is seen of the plant in, the next state and its sentence out. A state is left by what is seen, not by a clock; where a
clock says so too, it is so that a plant which has just come back is not taken for one that stays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from agent.calc.timers import held, smoothed
from policies.chiller_plant.pi_loop import clipped

if TYPE_CHECKING:
    from policies.chiller_plant.emergency import Emergency

FLOW_LAG = 600.0  # s over which the flow of calm times is taken
LEAST_STANDING = 2  # machines and pumps that stand at once before that is a loss of the utility
LEFT = 1.2  # of the running machines' least flow is left to their own pumps
RESTARTING = 60.0  # s in which nothing has to turn yet, with the power back
WARM = 1.6  # of the flow in calm times: what coils take of water that is a few kelvin warmer
TAPER = 300.0  # s in which the tank's flow goes back to nothing


class Phase(StrEnum):
    """Where the plant is."""

    NORMAL = "normal"
    BRIDGE = "bridge"  # something failed: the tank helps until the supply is cold again
    LOST = "lost"  # no utility, no generator yet: nothing turns
    RESTART = "restart"  # there is power: machines come one after the other
    RECOVER = "recover"  # they run: the tank steps back, and calm has to last


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """The plant now. `turning`: pumps and machines proven to run; `standing`: those told to run that do not."""

    utility: bool | None  # None: no switch tells
    turning: int
    standing: int
    running: tuple[str, ...]  # machines
    able: tuple[str, ...]  # machines that may be started, best first
    fallen: tuple[str, ...] = ()  # machines that were told to run and do not
    supply: float | None
    flow: float | None  # of the loop, l/s
    least_flow: float  # that the machines need that run or were told to, l/s
    level: float | None  # % of the tank


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyState:
    """Version 1. Seconds, l/s. `ran`: machines, `flow`: of the loop when it was calm last; `share`: of the tank's flow 0..1."""

    elapsed: float | None = None
    phase: Phase = Phase.NORMAL
    held: float = 0.0
    ran: tuple[str, ...] = ()
    flow: float | None = None
    warm: float = 0.0  # supply too warm for so long
    dead: float = 0.0  # nothing turns that should
    good: float = 0.0  # cold again, and nothing missing
    wanted: tuple[
        str, ...
    ] = ()  # machines to be on, in their order; the last one may be waiting for its proof
    waited: float = 0.0  # for that proof, or between two starts
    starting: bool = False  # the last of them has not proved itself yet
    given_up: tuple[str, ...] = ()
    share: float = 0.0
    recharging: bool = False

    @property
    def acute(self) -> bool:
        """Shedding and optimisation stand back."""
        return self.phase is not Phase.NORMAL


def stepped(rule: Emergency, before: EmergencyState, at: Sight, seconds: float) -> EmergencyState:
    """One tick."""
    now = _timed(rule, before, at, seconds)
    phase = _next(rule, now, at)
    if phase is not now.phase:
        now = replace(now, phase=phase, held=0.0, good=0.0, waited=rule.start_spacing, given_up=())
        if phase is Phase.RESTART or phase is Phase.NORMAL:
            now = replace(now, wanted=())
    if now.phase is Phase.RESTART:
        now = _started(rule, now, at, seconds)
    return replace(now, share=_share(rule, now, at, seconds), recharging=_recharges(rule, now, at))


def _timed(rule: Emergency, before: EmergencyState, at: Sight, seconds: float) -> EmergencyState:
    too_warm = at.supply is not None and at.supply > rule.supply_limit
    dead = at.turning == 0 and (at.standing >= LEAST_STANDING or before.dead > 0.0 or at.utility is False)
    cold = at.supply is not None and at.supply <= rule.supply_limit - rule.band
    calm = before.phase is Phase.NORMAL and not too_warm and not dead and not all_fell(before, at)
    calm = calm and at.utility is not False
    flow = before.flow if at.flow is None or not calm else smoothed(before.flow, at.flow, seconds, FLOW_LAG)
    return replace(
        before,
        held=before.held + seconds,
        ran=at.running if calm else before.ran,
        flow=flow,
        warm=held(before.warm, too_warm, seconds),
        dead=held(before.dead, dead, seconds),
        good=held(before.good, cold and at.turning > 0 and at.utility is not False, seconds),
    )


def all_fell(now: EmergencyState, at: Sight) -> bool:
    """Machines do not trip all at once, even where pumps run again by themselves before anybody has looked."""
    known = now.phase in (Phase.NORMAL, Phase.BRIDGE) and len(now.ran) >= LEAST_STANDING
    return known and not at.running and set(now.ran) <= set(at.fallen)


def _next(rule: Emergency, now: EmergencyState, at: Sight) -> Phase:
    # what has just been told to start may stand for a while
    patience = RESTARTING if now.phase is Phase.RESTART else rule.loss_delay
    if now.phase is not Phase.LOST and (now.dead >= patience or all_fell(now, at)):
        return Phase.LOST
    match now.phase:
        case Phase.NORMAL:
            if at.utility is False:
                return Phase.RESTART  # on the generator without a break
            return Phase.BRIDGE if now.warm >= rule.warm_delay else Phase.NORMAL
        case Phase.BRIDGE:
            if at.utility is False:
                return Phase.RESTART
            over = now.good >= rule.settle and now.share <= 0.0
            return Phase.NORMAL if over else Phase.BRIDGE
        case Phase.LOST:
            return Phase.RESTART if at.turning > 0 or at.able else Phase.LOST
        case Phase.RESTART:
            return Phase.RECOVER if _all_there(now, at) else Phase.RESTART
        case _:
            over = now.good >= rule.return_delay and now.share <= 0.0
            return Phase.NORMAL if over else Phase.RECOVER


def _coming(now: EmergencyState, at: Sight) -> set[str]:
    """Machines that run, or were told to and may still prove it, by whom ever."""
    return {
        *at.running,
        *(id_ for id_ in at.fallen if id_ in at.able and id_ not in now.given_up),
        *now.wanted,
    }


def _all_there(now: EmergencyState, at: Sight) -> bool:
    """As many as ran when it was calm, or all there are."""
    left = [id_ for id_ in at.able if id_ not in now.given_up]
    return now.held > 0.0 and (len(at.running) >= len(now.ran) or not left)


def _started(rule: Emergency, now: EmergencyState, at: Sight, seconds: float) -> EmergencyState:
    """The next machine when the one before is proven and the spacing is over; one without proof is given up.

    Spares first: the others have just stopped, and their guards let them rest.
    """
    waited = now.waited + seconds
    pending = now.wanted[-1] if now.wanted and now.wanted[-1] not in at.running else ""
    if now.starting and not pending:
        return replace(now, starting=False, waited=0.0)
    if pending and (waited >= rule.proof_within or pending not in at.able):
        kept = tuple(id_ for id_ in now.wanted if id_ != pending)
        given_up = (*now.given_up, pending)
        return replace(now, wanted=kept, given_up=given_up, starting=False, waited=rule.start_spacing)
    if pending or waited < rule.start_spacing:
        return replace(now, waited=waited)
    coming = _coming(now, at)
    left = [id_ for id_ in at.able if id_ not in coming and id_ not in now.given_up]
    if len(coming) >= len(now.ran) or not left:
        return replace(now, waited=waited)
    rested = [id_ for id_ in left if id_ not in now.ran]
    return replace(now, wanted=(*now.wanted, (rested or left)[0]), starting=True, waited=0.0)


def _share(rule: Emergency, now: EmergencyState, at: Sight, seconds: float) -> float:
    """Of the tank's flow: what machines do not carry yet, more while it is warm, and never so much that their pumps cannot open."""
    if now.phase is Phase.NORMAL or at.level is None or at.level <= rule.tank_low or rule.tank_flow <= 0.0:
        return 0.0
    calm = now.flow if now.flow is not None else at.flow or 0.0
    flow = clipped(at.flow or 0.0, calm, WARM * calm)  # warmer water has to be more
    theirs = 0.0 if now.phase is Phase.LOST else at.least_flow
    most = clipped(LEFT * (flow - theirs) / rule.tank_flow, 0.0, 1.0)
    lacking = 0.0
    if now.phase in (Phase.LOST, Phase.RESTART):
        there = min(len(at.running) / len(now.ran), 1.0) if now.ran else 0.0
        lacking = LEFT * flow / rule.tank_flow * (1.0 - there)
    above = 0.0 if at.supply is None else (at.supply - rule.supply_limit + rule.band) / rule.band
    wanted = clipped(max(lacking, now.share if above > 0.0 else 0.0, above), 0.0, most)
    if now.phase is Phase.LOST:
        return wanted
    return max(wanted, min(now.share - seconds / TAPER, most))


def _recharges(rule: Emergency, now: EmergencyState, at: Sight) -> bool:
    """Filled up again when it is calm, the water is cold enough for it, and a while has passed."""
    if not rule.recharge or now.phase is not Phase.NORMAL or at.level is None or at.supply is None:
        return False
    cold = at.supply <= rule.charge_below
    if now.recharging:
        return cold and at.level < rule.tank_full and at.turning > 0
    return cold and at.level < rule.tank_full - 2.0 and now.held >= rule.return_delay and at.turning > 0


def spoken(rule: Emergency, now: EmergencyState, at: Sight) -> str:
    """Why the plant is in this state."""
    level = "its content is not known" if at.level is None else f"{at.level:.0f} % held"
    warm = "not measured" if at.supply is None else f"{at.supply:.1f} degC"
    machines = f"{len(at.running)} of {len(now.ran)} machines back"
    match now.phase:
        case Phase.NORMAL:
            filled = "; the emergency tank is filled up again" if now.recharging else ""
            return f"no emergency: supply {warm}, tank {level}, never sold{filled}"
        case Phase.BRIDGE:
            return f"supply {warm}, limit {rule.supply_limit:g}: the tank bridges until the spare carries ({level})"
        case Phase.LOST:
            return f"the utility is lost, nothing turns: shedding and optimisation wait, the tank stands ready ({level})"
        case Phase.RESTART:
            step = (
                f"{now.wanted[-1]} starts"
                if now.wanted and now.wanted[-1] not in at.running
                else "next start"
            )
            return f"power is back: {machines}, {step}; supply {warm} from the tank ({level})"
        case _:
            left = max(rule.return_delay - now.good, 0.0) / 60.0
            return f"all machines are back: {left:.0f} min of calm until shedding and optimisation go on; supply {warm}"
