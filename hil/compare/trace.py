"""What an arm did, in means of a quarter of an hour: what an oracle needs to serve the same load in the same weather."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hil.bench.watched import Moment
from hil.kpi_counts import QUARTER

OBJECTS = ("loop", "outdoor_air", "tank", "economiser", "plant_meter")


@dataclass(slots=True)
class Trace:
    """Rows of means; row n covers the quarter that ends at `utc[n]`. `seconds`: how much of it was seen."""

    names: tuple[str, ...]
    utc: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    rows: list[list[float]] = field(default_factory=list)

    def column(self, name: str) -> list[float]:
        """Means of one variable; raises ValueError for one that was not recorded."""
        place = self.names.index(name)
        return [row[place] for row in self.rows]

    def plain(self) -> Mapping[str, list[float]]:
        return {"utc": self.utc, "seconds": self.seconds, **{name: self.column(name) for name in self.names}}


@dataclass(slots=True)
class Tracing:
    """Watches a plant and fills a trace."""

    names: tuple[str, ...]
    trace: Trace = field(init=False)
    _sums: list[float] = field(init=False)
    _seen: float = 0.0

    def __post_init__(self) -> None:
        self.trace = Trace(self.names)
        self._sums = [0.0] * len(self.names)

    def stepped(self, moment: Moment) -> None:
        dt, truth = moment.dt, moment.truth
        self._sums = [one + dt * truth[name] for one, name in zip(self._sums, self.names, strict=True)]
        self._seen += dt
        late = moment.utc % QUARTER
        if late < 1e-3 or QUARTER - late < 1e-3 or self._seen > QUARTER:
            self.trace.utc.append(moment.utc)
            self.trace.seconds.append(self._seen)
            self.trace.rows.append([one / self._seen for one in self._sums])
            self._sums, self._seen = [0.0] * len(self.names), 0.0


def traced_names(variables: Iterable[str], more: Iterable[str] = ()) -> tuple[str, ...]:
    """The plant's common variables, where it has them, rooms' temperatures and the counted powers."""
    wanted = set(more)
    return tuple(
        name
        for name in variables
        if name.partition(".")[0] in OBJECTS or name in wanted or name.endswith(".zone_temp")
    )
