"""The bounds on one point, folded into one span: what the claims of equal or higher priority leave open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from agent.core.command import Command
from agent.core.point import SafeEnd, Value


@dataclass(frozen=True, slots=True)
class Edge:
    """One end of a span and the claim that set it. Without a claim the end is open."""

    at: float
    claim: Command | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Where a value may lie. Never empty: `low.at <= high.at` always holds."""

    low: Edge = Edge(float("-inf"))
    high: Edge = Edge(float("inf"))

    def clamp(self, value: Value) -> tuple[Value, Command | None]:
        """The value inside the span, and the claim that moved it (None: it was inside). Text is left alone."""
        if isinstance(value, str):
            return value, None
        if value < self.low.at:
            return (self.low.at > 0 if isinstance(value, bool) else self.low.at), self.low.claim
        if value > self.high.at:
            return (self.high.at >= 1 if isinstance(value, bool) else self.high.at), self.high.claim
        return value, None


OPEN = Span()
"""Nobody bounds anything."""


def span_of(claims: Iterable[Command], weakest: int, safe_end: SafeEnd | None) -> Span | None:
    """The span left by all bounds of priority `weakest` or stronger; `claims` come strongest first.

    A weaker bound is fitted into the span of the stronger ones. Bounds of one priority that cross leave only the
    edge on the safe end (undeclared: low). None: nobody bounds the point.
    """
    bounding = [
        claim
        for claim in claims
        if claim.priority <= weakest and (claim.low is not None or claim.high is not None)
    ]
    if not bounding:
        return None
    if len(bounding) == 1:
        return _level_span(bounding, safe_end)
    span = OPEN
    for _, level in groupby(bounding, key=lambda claim: claim.priority):
        span = fitted(_level_span(list(level), safe_end), span)
    return span


def _level_span(level: list[Command], safe_end: SafeEnd | None) -> Span:
    lows = [Edge(claim.low, claim) for claim in level if claim.low is not None]
    highs = [Edge(claim.high, claim) for claim in level if claim.high is not None]
    low = max(lows, key=_at, default=OPEN.low)
    high = min(highs, key=_at, default=OPEN.high)
    if low.at <= high.at:
        return Span(low, high)
    return Span(low, low) if safe_end is SafeEnd.HIGH else Span(high, high)


def fitted(inner: Span, outer: Span) -> Span:
    """`inner` pushed into `outer`."""
    return Span(_fit(inner.low, outer), _fit(inner.high, outer))


def _fit(edge: Edge, outer: Span) -> Edge:
    if edge.at <= outer.low.at:
        return outer.low
    return outer.high if edge.at >= outer.high.at else edge


def _at(edge: Edge) -> float:
    return edge.at
