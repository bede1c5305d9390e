"""The small counters behind the key figures: integrals, edges, quarter-hours. Each is fed once a step of the plant."""

from __future__ import annotations

from dataclasses import dataclass, field

QUARTER = 900.0  # s, the metering period of demand charges in China and Europe


@dataclass(slots=True)
class Integral:
    """Trapezoid over the step: what counts alike at a step of a minute and of a tenth of a second."""

    total: float = 0.0
    _last: float | None = None

    def add(self, value: float, dt: float) -> float:
        """The part of this step, in value times seconds."""
        before = value if self._last is None else self._last
        self._last = value
        part = 0.5 * (before + value) * dt
        self.total += part
        return part


@dataclass(slots=True)
class Runs:
    """Starts of one machine and its shortest time on and off (s). What was cut off by begin and end does not count."""

    starts: int = 0
    shortest_on: float | None = None
    shortest_off: float | None = None
    _running: bool | None = None
    _since: float | None = None

    def see(self, running: bool, elapsed: float) -> None:
        if running is self._running:
            return
        if self._running is not None:
            self._edge(running, elapsed)
            self._since = elapsed
        self._running = running

    def _edge(self, running: bool, elapsed: float) -> None:
        lasted = None if self._since is None else elapsed - self._since
        if running:
            self.starts += 1
            if lasted is not None:
                self.shortest_off = lasted if self.shortest_off is None else min(self.shortest_off, lasted)
        elif lasted is not None:
            self.shortest_on = lasted if self.shortest_on is None else min(self.shortest_on, lasted)


@dataclass(slots=True)
class Demand:
    """Highest mean power of a whole quarter of an hour by the clock (kW); steps are split at its borders."""

    peak: float = 0.0
    _energy: float = 0.0  # kWs in the present quarter
    _covered: float = 0.0
    _quarter: int | None = None
    quarters: list[float] = field(default_factory=list)  # kW, of whole quarters

    def add(self, energy: float, utc: float, dt: float) -> None:
        """`energy` in kWs over the `dt` seconds that end at `utc`."""
        begin = utc - dt
        while begin < utc - 1e-9:
            quarter = int((begin + 1e-6) // QUARTER)
            end = min(utc, (quarter + 1) * QUARTER)
            if quarter != self._quarter:
                self._close()
                self._quarter = quarter
            share = (end - begin) / dt
            self._energy += energy * share
            self._covered += end - begin
            begin = end

    def finish(self) -> float:
        """The peak, counting a quarter that is as good as whole."""
        self._close()
        return self.peak

    def _close(self) -> None:
        if self._covered > 0.99 * QUARTER:
            mean = self._energy / self._covered
            self.quarters.append(mean)
            self.peak = max(self.peak, mean)
        self._energy = self._covered = 0.0
