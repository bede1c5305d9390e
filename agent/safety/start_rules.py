"""Guards over all machines of an area: their starts lie apart, also from those of areas on the same mains, and below what those bear.

After a power failure everything wants to start at once. A start whose power does not show yet counts by the machine's
nameplate (`rated_power`, kW). What cannot be measured is the worst assumption: nothing starts on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from agent.core.equipment import AreaModel, Equipment, StartCap
from agent.core.reading import Reading
from agent.core.snapshot import NEVER_READ
from agent.safety.guard_history import GuardHistory
from agent.safety.guard_rules import Hindrance
from agent.safety.limits import is_number
from agent.safety.wording import lasting

SHOWS_AFTER = 60.0
"""Seconds after which a start shows in the measured power: soft starters and drives take their time, meters are polled."""
READING_AGE = 120.0
"""A power or switch older than this (site seconds) is not known."""


class StartRules:
    """The rules of one area; nothing is said where it sets neither spacing nor cap."""

    def __init__(self, model: AreaModel) -> None:
        self._area = model.area
        self._rated = {id_: one.nameplate.get("rated_power", 0.0) for id_, one in model.equipment.items()}
        self._heavy = heavy(model)

    def hindrance(
        self,
        one: Equipment,
        histories: Mapping[str, GuardHistory],
        readings: Mapping[str, Reading],
        now: float,
    ) -> Hindrance | None:
        """What keeps this machine from starting beside the others."""
        starts = {id_: past.last_start for id_, past in histories.items() if id_ != one.id}
        wait = max(starts.values(), default=float("-inf")) + self._area.start_spacing - now
        if self._area.start_spacing > 0 and wait > 0:
            return Hindrance(
                "start_spacing",
                wait,
                f"starts in {lasting(wait)}: {lasting(self._area.start_spacing)} between the starts of two machines",
            )
        return self._out_of_turn(one, now) or self.above_cap(one, histories, readings, now)

    def _out_of_turn(self, one: Equipment, now: float) -> Hindrance | None:
        turn = self._area.start_turn
        wait = 0.0 if turn is None or one.id not in self._heavy else turn.wait(now)
        if wait <= 0.0:
            return None
        return Hindrance(
            "start_turn", wait, f"starts in {lasting(wait)}: other plants on the same mains have their turn"
        )

    def above_cap(
        self,
        one: Equipment,
        histories: Mapping[str, GuardHistory],
        readings: Mapping[str, Reading],
        now: float,
    ) -> Hindrance | None:
        """What keeps this machine from starting on the power that is left."""
        cap = self._area.start_cap
        if cap is None or not _in_force(cap, readings, now):
            return None
        hidden = [id_ for id_, past in histories.items() if id_ != one.id and _fresh(past, now)]
        return self._above(cap, one, hidden, _number(readings.get(cap.power), now))

    def _above(
        self, cap: StartCap, one: Equipment, hidden: Iterable[str], power: float | None
    ) -> Hindrance | None:
        if power is None:
            return Hindrance(
                "start_cap", None, f"starts when {cap.power} can be read: {cap.limit:g} kW are allowed"
            )
        expected = power + sum(self._rated[id_] for id_ in (*hidden, one.id))
        if expected <= cap.limit:
            return None
        text = f"starts when there is power for it: {expected:.0f} kW with it, {cap.limit:g} kW are allowed"
        return Hindrance("start_cap", None, text)


def heavy(model: AreaModel) -> frozenset[str]:
    """Machines whose starts the mains feel: those with a `rated_power`, or all where none has one."""
    rated = frozenset(id_ for id_, one in model.equipment.items() if "rated_power" in one.nameplate)
    return rated or frozenset(model.equipment)


def _fresh(past: GuardHistory, now: float) -> bool:
    """Started so shortly ago that the meter may not show it yet."""
    return past.commanded is True and now - past.on_at < SHOWS_AFTER


def _in_force(cap: StartCap, readings: Mapping[str, Reading], now: float) -> bool:
    """Unless the switch is seen to say no."""
    if cap.when is None:
        return True
    seen = readings.get(cap.when, NEVER_READ)
    return not (seen.usable and seen.age(now) <= READING_AGE and seen.value is False)


def _number(reading: Reading | None, now: float) -> float | None:
    if reading is None or not reading.usable or reading.age(now) > READING_AGE:
        return None
    return reading.value if is_number(reading.value) else None
