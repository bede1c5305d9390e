"""Read planning: which registers are read together. Pure.

Neighbours are joined over small holes into one exchange, within what the device allows: length, hole size, and
addresses that may never be read. A value of several registers is never split over two exchanges.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LAST_ADDRESS = 0xFFFF


@dataclass(frozen=True, slots=True)
class Want:
    """One value in one table: `count` registers (or bits) from `address` on."""

    name: str
    address: int
    count: int

    @property
    def end(self) -> int:
        return self.address + self.count


@dataclass(frozen=True, slots=True)
class Span:
    """One exchange: `count` registers from `address` on, and the values found in them."""

    address: int
    count: int
    wants: tuple[Want, ...]

    @property
    def end(self) -> int:
        return self.address + self.count


@dataclass(frozen=True, slots=True)
class SpanLimits:
    """What one exchange may hold. `refused` are (first, last) addresses that may never be read."""

    longest: int
    hole: int
    refused: tuple[tuple[int, int], ...] = ()

    def allows(self, address: int, end: int) -> bool:
        """Whether none of the addresses `address` .. `end - 1` is refused or past the last one."""
        return end <= LAST_ADDRESS + 1 and not any(
            first < end and address <= last for first, last in self.refused
        )


def plan_spans(wants: Iterable[Want], limits: SpanLimits) -> tuple[list[Span], dict[str, str]]:
    """The exchanges that read all wants, and the wants that cannot be read with the reason why."""
    unreadable: dict[str, str] = {}
    readable: list[Want] = []
    for want in sorted(wants, key=lambda one: (one.address, one.count, one.name)):
        reason = _obstacle(want, limits)
        if reason:
            unreadable[want.name] = reason
        else:
            readable.append(want)
    spans: list[Span] = []
    for cluster in _clusters(readable, limits.longest):
        _add(spans, cluster, limits)
    return spans, unreadable


def halves(span: Span) -> tuple[Span, ...]:
    """A refused span cut in two between values, at the widest hole or in the middle; one alone for a single place."""
    clusters = _clusters(span.wants, span.count)
    if len(clusters) == 1:
        single = _span(clusters[0])
        return (
            (single,) if len(span.wants) == 1 or single == span else tuple(_span([one]) for one in span.wants)
        )
    cut = _cut(clusters)
    parts = clusters[:cut], clusters[cut:]
    return tuple(_span([want for cluster in part for want in cluster]) for part in parts)


def _cut(clusters: Sequence[Sequence[Want]]) -> int:
    """Before which cluster: a hole is what a device refuses first."""
    middle = len(clusters) / 2

    def badness(at: int) -> tuple[int, float]:
        end = max(want.end for want in clusters[at - 1])
        return (end - clusters[at][0].address, abs(at - middle))

    return min(range(1, len(clusters)), key=badness)


def _obstacle(want: Want, limits: SpanLimits) -> str:
    if want.count > limits.longest:
        return f"takes {want.count} registers, the device gives at most {limits.longest} at once"
    if want.end > LAST_ADDRESS + 1:
        return "lies past the last address 65535"
    if not limits.allows(want.address, want.end):
        return "lies in a range that the device refuses"
    return ""


def _clusters(wants: Sequence[Want], longest: int) -> list[list[Want]]:
    """Values that share registers stay together, as far as one exchange can hold them."""
    clusters: list[list[Want]] = []
    end = -1
    for want in wants:
        if clusters and want.address < end and max(end, want.end) - clusters[-1][0].address <= longest:
            clusters[-1].append(want)
            end = max(end, want.end)
        else:
            clusters.append([want])
            end = want.end
    return clusters


def _add(spans: list[Span], cluster: Sequence[Want], limits: SpanLimits) -> None:
    last = spans[-1] if spans else None
    end = max(want.end for want in cluster)
    if (
        last is not None
        and cluster[0].address - last.end <= limits.hole
        and max(end, last.end) - last.address <= limits.longest
        and limits.allows(last.end, cluster[0].address)
    ):
        spans[-1] = Span(last.address, max(end, last.end) - last.address, (*last.wants, *cluster))
    else:
        spans.append(_span(cluster))


def _span(wants: Sequence[Want]) -> Span:
    address = wants[0].address
    return Span(address, max(want.end for want in wants) - address, tuple(wants))
