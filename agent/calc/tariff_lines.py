"""What electricity costs hour by hour, from the lines an installer writes, as plans and rules of plants need it.

One line a price: `0:00-8:00 0.3271`, `10:00-12:00 14:00-19:00 1.0794`, `otherwise 0.6542`. Before the hours may stand the months
(`7-9:` or `12,1,2:`) and, for a critical peak that the weather calls, `hot 35:` (degC of the day's highest temperature); such a line lies on top.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from agent.calc.tariff import CriticalPeak, DemandCharge, Tariff, tariff_from

_LINE = re.compile(
    r"^(?:(?P<months>[\d,\- ]+):\s)?(?:hot (?P<hot>[\d.]+):\s)?(?P<hours>.*\S)\s+(?P<price>\d*\.?\d+)$"
)
_SPAN = re.compile(r"^\d{1,2}(:\d{2})?-\d{1,2}(:\d{2})?$")
ALL_YEAR = frozenset(range(1, 13))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    months: frozenset[int]
    hot: float | None
    spans: tuple[str, ...]  # empty: otherwise
    price: float


def read_tariff(lines: Sequence[str], demand_price: float = 0.0) -> Tariff:
    """Raises ValueError with the line that makes no sense. Without a line all hours cost the same."""
    return _read(tuple(lines), demand_price)


@lru_cache(maxsize=64)
def _read(lines: tuple[str, ...], demand_price: float) -> Tariff:
    read = [_line(one) for one in lines] or [_Line(months=ALL_YEAR, hot=None, spans=(), price=1.0)]
    usual = [one for one in read if one.hot is None]
    hot = [one for one in read if one.hot is not None]
    if len(hot) > 1:
        raise ValueError("only one line of a tariff may begin with 'hot'")
    prices = {f"{one.price:g}": one.price for one in read}
    seasons = [_season(month, usual) for month in range(1, 13)]
    base = tariff_from("tariff", {"prices": prices, "seasons": seasons})
    return Tariff(
        name="tariff",
        prices=prices,
        seasons=base.seasons,
        critical=_critical(hot[0]) if hot else None,
        demand=DemandCharge(price=demand_price) if demand_price > 0.0 else None,
    )


def _line(text: str) -> _Line:
    found = _LINE.match(text.strip())
    if found is None:
        raise ValueError(
            f"tariff line {text!r} is not understood: write '0:00-8:00 0.33' or 'otherwise 0.65'"
        )
    words = found["hours"].replace(",", " ").split()
    otherwise = words == ["otherwise"]
    if not otherwise and not all(_SPAN.match(one) for one in words):
        raise ValueError(f"tariff line {text!r}: {found['hours']!r} are no hours such as 10:00-12:00")
    return _Line(
        months=_months(found["months"], text),
        hot=None if found["hot"] is None else float(found["hot"]),
        spans=() if otherwise else tuple(words),
        price=float(found["price"]),
    )


def _months(text: str | None, line: str) -> frozenset[int]:
    if text is None:
        return ALL_YEAR
    found: set[int] = set()
    for part in text.replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if not first.isdigit() or (last and not last.isdigit()):
            raise ValueError(f"tariff line {line!r}: {text!r} are no months such as 7-9")
        begin, end = int(first), int(last or first)
        if not (1 <= begin <= 12 and 1 <= end <= 12):
            raise ValueError(f"tariff line {line!r}: months are 1 to 12")
        found |= set(range(begin, end + 1)) if begin <= end else {*range(begin, 13), *range(1, end + 1)}
    return frozenset(found)


def _season(month: int, lines: Iterable[_Line]) -> Mapping[str, object]:
    """What holds in one month: later lines lie on earlier ones."""
    data: dict[str, object] = {"months": [month]}
    for one in lines:
        if month not in one.months:
            continue
        if one.spans:
            data.setdefault(f"{one.price:g}", [])
            data[f"{one.price:g}"] = [*_texts(data[f"{one.price:g}"]), *one.spans]
        else:
            data["otherwise"] = f"{one.price:g}"
    if "otherwise" not in data:
        raise ValueError(f"the tariff has no line 'otherwise' for month {month}")
    return data


def _texts(found: object) -> Sequence[str]:
    return found if isinstance(found, list) else []


def _critical(line: _Line) -> CriticalPeak:
    season = tariff_from(
        "hot", {"prices": {"flat": 0.0, "hot": line.price}, "seasons": [{"hot": line.spans}]}
    )
    spans = season.seasons[0].spans["hot"]
    return CriticalPeak(spans=spans, hot=line.hot, period=f"{line.price:g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """The tariff at a place; `hottest`: highest outdoor temperature expected today, degC."""

    tariff: Tariff
    timezone: str
    hottest: float | None = None

    def at(self, utc: float) -> float:
        return self.tariff.price(self._local(utc), self.hottest)

    def mean(self, utc: float, seconds: float) -> float:
        """Over a step that begins at `utc`, by its quarter hours."""
        parts = max(round(seconds / 900.0), 1)
        return sum(self.at(utc + (part + 0.5) * seconds / parts) for part in range(parts)) / parts

    def day(self, utc: float) -> tuple[float, ...]:
        """Prices of the local day, by quarter hours."""
        return _day_prices(self.tariff, self._local(utc).date(), self.hottest)

    def lowest(self, utc: float) -> bool:
        """Whether it is a valley now: the cheapest hours of a day that has dearer ones."""
        prices = self.day(utc)
        return self.at(utc) <= min(prices) + 1e-9 and max(prices) > min(prices) + 1e-9

    def highest(self, utc: float) -> bool:
        """Whether it is the dearest time of a day that has cheaper ones."""
        prices = self.day(utc)
        return self.at(utc) >= max(prices) - 1e-9 and max(prices) > min(prices) + 1e-9

    def dear(self, utc: float) -> bool:
        """Whether it costs more than the day's mean."""
        prices = self.day(utc)
        return self.at(utc) > sum(prices) / len(prices) + 1e-9 and not self.lowest(utc)

    def pays(self, utc: float, *, step: float = 1800.0) -> bool:
        """Whether it may pay to charge now: something dearer comes before something cheaper does."""
        now = self.at(utc)
        for place in range(1, int(36.0 * 3600.0 / step)):
            later = self.at(utc + place * step)
            if abs(later - now) > 1e-9:
                return later > now
        return False

    def until(self, utc: float, *, step: float = 900.0, most: float = 36.0 * 3600.0) -> float:
        """When the price that holds now ends, UTC."""
        now, at = self.at(utc), (utc // step + 1.0) * step
        while at < utc + most and abs(self.at(at) - now) < 1e-9:
            at += step
        return at

    def _local(self, utc: float) -> datetime:
        return datetime.fromtimestamp(utc, ZoneInfo(self.timezone))

    def clock(self, utc: float) -> str:
        return f"{self._local(utc):%H:%M}"

    def month(self, utc: float) -> tuple[int, int]:
        local = self._local(utc)
        return local.year, local.month


@lru_cache(maxsize=512)
def _day_prices(tariff: Tariff, day: date, hottest: float | None) -> tuple[float, ...]:
    return tariff.day_prices(day, hottest)
