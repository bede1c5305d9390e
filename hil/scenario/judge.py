"""Judges the expectations of a story while it is told: one judge an expectation, one look a step of the plant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hil.scenario.condition import Read
from hil.scenario.story import Expectation, Instant, Kind

EPSILON = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of an expectation. `at`: when it was met or broken, site seconds of the story."""

    name: str
    kind: str
    met: bool
    at: float | None
    text: str
    line: int = 0


class Judge:
    """Looks at one expectation. Windows that hang on a step open when that step has happened."""

    def __init__(self, expectation: Expectation) -> None:
        self.expectation = expectation
        self._since: float | None = None  # the condition has been true (within) or violated (else) since then
        self._met_at: float | None = None
        self._broken_at: float | None = None
        self._finally: bool | None = None
        self._looked = False

    def look(self, now: float, steps: Mapping[str, float], read: Read) -> str | None:
        """One step of the plant; the sentence of a violation at the moment it becomes one."""
        one = self.expectation
        begin = _time_of(one.begin, steps)
        if begin is None or now < begin - EPSILON or self._broken_at is not None or self._met_at is not None:
            return None
        end = None if one.end is None else _time_of(one.end, steps)
        if end is not None and now > end + EPSILON:
            return None
        self._looked = True
        holds = one.condition.holds(read)
        if one.kind is Kind.WITHIN:
            return self._within(holds, now, begin)
        if one.kind is Kind.FINALLY:
            self._finally = holds
            return None
        wrong = holds if one.kind is Kind.NEVER else not holds
        return self._watch(wrong and not self._is_spared(now, steps), now)

    def verdict(self, end: float, steps: Mapping[str, float]) -> Verdict:
        """The last word, when the story is over."""
        one = self.expectation
        if (
            one.kind is Kind.WITHIN
            and self._since is not None
            and self._met_at is None
            and self._broken_at is None
        ):
            self._met_at = self._since  # it held to the end of the story
        met, at, text = self._outcome(end, steps)
        return Verdict(name=one.name, kind=one.kind.value, met=met, at=at, text=text, line=one.line)

    def _outcome(self, end: float, steps: Mapping[str, float]) -> tuple[bool, float | None, str]:
        one = self.expectation
        begin = _time_of(one.begin, steps)
        if not self._looked or begin is None:
            return False, None, "its window was never reached"
        if one.kind is Kind.FINALLY:
            met = self._finally is True
            return met, end, "so it was at the end" if met else "at the end it was not so"
        if one.kind is Kind.WITHIN:
            if self._met_at is not None:
                return True, self._met_at, f"after {self._met_at - begin:.0f} s"
            return False, self._broken_at, f"not within {one.within:.0f} s"
        if self._broken_at is not None:
            return False, self._broken_at, f"broken at {self._broken_at:.0f} s"
        return True, None, "kept"

    def _within(self, holds: bool, now: float, begin: float) -> str | None:
        one = self.expectation
        late = now > begin + one.within + EPSILON
        if holds:
            if self._since is None:
                if late:
                    self._broken_at = now
                    return f"{one.name}: not within {one.within:.0f} s"
                self._since = now
            if now - self._since >= one.holds - EPSILON:
                self._met_at = self._since
            return None
        self._since = None
        if late:
            self._broken_at = now
            return f"{one.name}: not within {one.within:.0f} s"
        return None

    def _watch(self, wrong: bool, now: float) -> str | None:
        if not wrong:
            self._since = None
            return None
        if self._since is None:
            self._since = now
        if now - self._since < self.expectation.tolerated - EPSILON:
            return None
        self._broken_at = self._since
        return f"{self.expectation.name}: {'happened' if self.expectation.kind is Kind.NEVER else 'not so'}"

    def _is_spared(self, now: float, steps: Mapping[str, float]) -> bool:
        for instant, seconds in self.expectation.spared:
            begin = _time_of(instant, steps)
            if begin is not None and begin - EPSILON <= now <= begin + seconds + EPSILON:
                return True
        return False


def _time_of(instant: Instant, steps: Mapping[str, float]) -> float | None:
    """Seconds of the story; None while the step has not happened."""
    if instant.after is None:
        return instant.seconds
    happened = steps.get(instant.after)
    return None if happened is None else happened + instant.seconds
