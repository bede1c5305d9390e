"""EnergyPlus weather files: any place, any year, with the gaps and habits that real files have.

Source: EnergyPlus 9.x Auxiliary Programs, "EnergyPlus Weather File (EPW) Data Dictionary". Temperatures of hour h stand at
h:00 local standard time, sunshine is the mean of the hour before. Missing values carry the codes of the dictionary. A
day that the file lacks (29 February) is the day before it; years in the file do not matter, any year can be played.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from hil.plant.weather import Hours, Place, Weather, local_time, sunny_hours, weather_at
from hil.plant.weather_air import dew_point_of, vapour_pressure
from hil.plant.weather_sun import diffuse_share

_EPOCH = date(1970, 1, 1).toordinal()
_LEAST_SUN = 20.0  # W/m2 outside the air: below, a clearness means nothing


@dataclass(frozen=True, slots=True)
class Row:
    """One hour of a file; None where the file does not know. degC, degC, W/m2 three times, share, m/s, hPa."""

    dry: float | None
    dew: float | None
    total: float | None
    beam: float | None
    diffuse: float | None
    cloud: float | None
    wind: float | None
    pressure: float | None


@dataclass(frozen=True, slots=True)
class EpwFile:
    """A file as read: where it is, and its hours by (month, day), 24 each."""

    place: Place
    name: str
    days: Mapping[tuple[int, int], tuple[Row, ...]]

    @property
    def lacking(self) -> tuple[str, ...]:
        """What a year of weather has and this file has not, for people."""
        missing = 365 - len([key for key in self.days if key != (2, 29)])
        rows = [row for day in self.days.values() for row in day]
        dark = all(row.total is None and (row.beam is None or row.diffuse is None) for row in rows)
        return (
            *((f"{missing} days of a year: each is played as the last one before it",) if missing else ()),
            *(("sunshine: every day is played without any",) if dark else ()),
        )


def parse_epw(text: str) -> EpwFile:
    """Raises ValueError with the number of the line that cannot be understood."""
    lines = text.lstrip("\ufeff").splitlines()
    place, name, first = _header(lines)
    records: dict[tuple[int, int, int], list[Row]] = {}
    years: dict[tuple[int, int], str] = {}
    for number, line in enumerate(lines[first:], start=first + 1):
        if line.strip(" ,\t\x1a"):
            month, day, hour, row = _row(line, number)
            year = line.split(",", 1)[0].strip()
            if years.setdefault((month, day), year) == year:  # of several years the first plays
                records.setdefault((month, day, hour), []).append(row)
    if not records:
        raise ValueError("the weather file holds no hours")
    hours = {key: _hour(rows) for key, rows in records.items()}
    if all(row.dry is None for row in hours.values()):
        raise ValueError("the weather file holds no temperatures (seventh field of each line)")
    if all(row.dew is None for row in hours.values()):
        raise ValueError("the weather file holds neither dew points nor humidities (eighth and ninth field)")
    none = Row(None, None, None, None, None, None, None, None)
    days = {key: tuple(hours.get((*key, hour), none) for hour in range(1, 25)) for key in sorted(years)}
    return EpwFile(place, name, days)


def _hour(rows: Sequence[Row]) -> Row:
    """Of several records in an hour the last tells the temperatures, which stand at its end; sunshine is their mean."""
    last = rows[-1]
    if len(rows) == 1:
        return last
    return replace(
        last,
        total=_mean([row.total for row in rows]),
        beam=_mean([row.beam for row in rows]),
        diffuse=_mean([row.diffuse for row in rows]),
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _header(lines: Sequence[str]) -> tuple[Place, str, int]:
    fields = next(csv.reader(lines[:1]), [])  # a city may stand in quotation marks, with a comma in its name
    if len(fields) < 10 or fields[0].strip().upper() != "LOCATION":
        raise ValueError("line 1: a weather file begins with LOCATION and nine fields")
    while len(fields) > 10 and not fields[-1].strip():
        fields.pop()
    if len(fields) == 11 and fields[9].strip() in ("5", "75"):  # a zone of half an hour with a decimal comma
        fields[8:10] = [f"{fields[8].strip()}.{fields[9].strip()}"]
    try:
        latitude, longitude, offset, altitude = (float(field) for field in fields[6:10])
    except ValueError as error:
        raise ValueError(f"line 1: {error}") from None
    for what, value, most in (
        ("latitude", latitude, 90.0),
        ("longitude", longitude, 180.0),
        ("time zone", offset, 14.0),
        ("altitude", altitude, 9000.0),
    ):
        if not abs(value) <= most:
            raise ValueError(f"line 1: a {what} of {value:g}")
    place = Place(
        latitude=latitude, longitude=longitude, altitude=altitude, utc_offset=timedelta(hours=offset)
    )
    for number, line in enumerate(lines[:30], start=1):
        if line.upper().startswith("DATA PERIODS"):
            return place, fields[1].strip(), number
    raise ValueError("no DATA PERIODS line among the first 30")


def _row(line: str, number: int) -> tuple[int, int, int, Row]:
    fields = line.split(",")
    try:
        month, day, hour = (int(field) for field in fields[1:4])
        values = [
            float(field) if field.strip() else float("nan") for field in (*fields[6:16], *fields[20:24])
        ]
    except ValueError as error:
        raise ValueError(f"line {number}: {error}") from None
    if len(values) < 10 or not (1 <= month <= 12 and 1 <= day <= 31 and 1 <= hour <= 24):
        raise ValueError(f"line {number}: no hour of a weather file")
    dry, dew = _known(values[0], -70.0, 70.0), _known(values[1], -70.0, 70.0)
    humidity = _known(values[2], 0.0, 110.0)
    if dew is None and dry is not None and humidity is not None:
        dew = dew_point_of(max(humidity, 1.0) / 100.0 * vapour_pressure(dry))
    pressure = _known(values[3], 31_000.0, 120_000.0)
    cloud = _known(values[12], 0.0, 10.0) if len(values) > 12 else None
    row = Row(
        dry,
        dew,
        _known(values[7], 0.0, 9998.9),
        _known(values[8], 0.0, 9998.9),
        _known(values[9], 0.0, 9998.9),
        None if cloud is None else cloud / 10.0,
        _known(values[11], 0.0, 98.9) if len(values) > 11 else None,
        None if pressure is None else pressure / 100.0,
    )
    return month, day, hour, row


def _known(value: float, least: float, most: float) -> float | None:
    """None for what the dictionary does not allow: its own codes (99.9, 999, 9999) and others' (-9999)."""
    return value if least <= value <= most else None


class EpwClimate:
    """The weather of a file, played in any year. Fulfils `Climate`; the seed changes nothing."""

    def __init__(self, file: EpwFile) -> None:
        self.file = file
        self.place = file.place
        self._keys = sorted(file.days)
        self._dry = _filled([row.dry for key in self._keys for row in file.days[key]], 20.0)
        self._dew = _filled([row.dew for key in self._keys for row in file.days[key]], 10.0)
        self._index = {key: place for place, key in enumerate(self._keys)}
        self._shift = self.place.utc_offset.total_seconds()
        self._hours = lru_cache(maxsize=4)(self._make_hours)
        self._clear = lru_cache(maxsize=8)(self._make_clear)

    @property
    def utc_offset(self) -> timedelta:
        return self.place.utc_offset

    def local(self, utc: float) -> datetime:
        return local_time(utc, self.place.utc_offset)

    def at(self, utc: float, seed: int = 0) -> Weather:  # noqa: ARG002 - a file has no chance in it
        return weather_at(self._hours(int((utc + self._shift) // 86400.0)), self.place, utc)

    def _day(self, day: int) -> int:
        """The file's place for a day since 1970: the same date, or the last one before it."""
        when = date.fromordinal(day + _EPOCH)
        found = self._index.get((when.month, when.day))
        if found is not None:
            return found
        before = [place for place, key in enumerate(self._keys) if key < (when.month, when.day)]
        return before[-1] if before else len(self._keys) - 1

    def _make_hours(self, day: int) -> Hours:
        here, before = self._day(day), self._day(day - 1)
        rows = self.file.days[self._keys[here]]
        clear, beam = self._clear(day)
        clear_before, beam_before = self._clear(day - 1)
        clear_after, beam_after = self._clear(day + 1)
        pressures = [row.pressure for row in rows if row.pressure is not None]
        cloud = _filled([row.cloud for row in rows], 0.5)
        wind = _filled([row.wind for row in rows], 2.0)
        return Hours(
            midnight=day * 86400.0 - self._shift,
            dry=(self._dry[24 * before + 23], *self._dry[24 * here : 24 * here + 24]),
            dew=(self._dew[24 * before + 23], *self._dew[24 * here : 24 * here + 24]),
            clear=(clear_before[-1], *clear, clear_after[0]),
            beam=(beam_before[-1], *beam, beam_after[0]),
            cloud=(cloud[0], *cloud, cloud[-1]),
            wind=(wind[0], *wind, wind[-1]),
            pressure=sum(pressures) / len(pressures) if pressures else self.place.pressure,
        )

    def _make_clear(self, day: int) -> tuple[Sequence[float], Sequence[float]]:
        """Clearness and beam of the 24 hours; nights take those of the nearest hour with sun."""
        suns = sunny_hours(self.place, day * 86400.0 - self._shift)
        rows = self.file.days[self._keys[self._day(day)]]
        found = [_clearness(row, top, up) for row, (top, up) in zip(rows, suns, strict=True)]
        return (
            _filled([None if one is None else one[0] for one in found], 0.0),
            _filled([None if one is None else one[1] for one in found], 0.0),
        )


def _clearness(row: Row, top: float, up: float) -> tuple[float, float] | None:
    """Total on the horizontal and beam, as shares of what is outside the air; None at night or unknown."""
    if top < _LEAST_SUN:
        return None
    if row.total is not None:
        total = min(row.total / top, 1.0)
    elif row.beam is not None and row.diffuse is not None:
        total = min(row.beam / 1361.0 + row.diffuse / top, 1.0)
    else:
        return None
    if row.beam is not None:
        beam = row.beam / (1361.0 * up)
    elif row.diffuse is not None and row.total is not None:
        beam = max(row.total - row.diffuse, 0.0) / top
    else:
        beam = total * (1.0 - diffuse_share(total))
    return total, min(beam, total, 0.9)


def _filled(values: Sequence[float | None], otherwise: float) -> list[float]:
    """Gaps are bridged straight between their neighbours; at the ends, and where all is gap, held."""
    known = [place for place, value in enumerate(values) if value is not None]
    if not known:
        return [otherwise] * len(values)
    result: list[float] = []
    following = iter(known[1:])
    left, right = known[0], known[0]
    for place, value in enumerate(values):
        if value is not None:
            result.append(value)
            left, right = place, next(following, place)
            continue
        low, high = values[left], values[right]
        assert low is not None  # noqa: S101 - places of known values
        assert high is not None  # noqa: S101 - likewise
        share = (place - left) / (right - left) if right > left else 0.0
        result.append(low + (high - low) * min(max(share, 0.0), 1.0))
    return result
