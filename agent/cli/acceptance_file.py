"""The acceptance file: which meters, which days, which lamps, which limits, and what staff measured by hand.

title: Acceptance of the garage
meters: [garage]                       # equipment of the site file with an energy register
baseline: {first: 2026-03-02, last: 2026-03-29}
monitoring: {first: 2026-05-04, last: 2026-05-31}
lamps: {before_power: 25.1 W, before_count: 458, after_power: 16 W, after_count: 458}
limits: {saving: 80 %, illuminance: 65 lx, standard: "contract 2026-17, annex 2"}
measured: luxmeter.csv                 # group,lux,time,by,instrument,place
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.calc.calendar import CALENDARS
from agent.config.document import Document, read_document
from agent.config.load import sorted_problems
from agent.config.names import nearest
from agent.config.parameters import Settings
from agent.config.references import References
from agent.core.errors import ConfigurationError
from agent.core.parameter import parameter
from agent.core.site import Site
from agent.ledger.acceptance import AcceptanceLimits
from agent.ledger.group_light import HandMeasurement

KEYS = (
    "title",
    "meters",
    "groups",
    "baseline",
    "monitoring",
    "lamps",
    "limits",
    "measured",
    "calendar",
    "sensor_window",
)
COLUMNS = ("group", "lux", "time", "by", "instrument", "place")
LONGEST = 400  # days of a period
BRIGHTEST = 200_000.0  # lx: the sun itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Local days, both included."""

    first: str = parameter(help="first local day, YYYY-MM-DD")
    last: str = parameter(help="last local day, YYYY-MM-DD; included")

    def __post_init__(self) -> None:
        try:
            first, last = self.days
        except ValueError:
            raise ValueError(f"{self.first} to {self.last}: write days as YYYY-MM-DD") from None
        if not 0 <= (last - first).days < LONGEST:
            raise ValueError(f"{self.first} to {self.last} is no period of up to {LONGEST} days")

    @property
    def days(self) -> tuple[dt.date, dt.date]:
        return dt.date.fromisoformat(self.first), dt.date.fromisoformat(self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class LampPowers:
    """What the lamps draw at full level, before and after."""

    before_power: float = parameter(unit="kW", low=0.0, high=10.0, help="of one old lamp with its ballast")
    before_count: int = parameter(low=1, high=1_000_000, help="old lamps")
    after_power: float = parameter(unit="kW", low=0.0, high=10.0, help="of one new lamp at full level")
    after_count: int = parameter(low=1, high=1_000_000, help="new lamps")
    why: str = parameter("", help="where the powers come from: nameplate, measured")

    def __post_init__(self) -> None:
        if self.before_power <= 0.0:
            raise ValueError("before_power must be more than nothing")

    @property
    def words(self) -> str:
        before, after = (
            f"{count} x {1e3 * power:g} W"
            for count, power in ((self.before_count, self.before_power), (self.after_count, self.after_power))
        )
        return f"{before} before, {after} after" + (f" ({self.why})" if self.why else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    title: str = parameter("Acceptance of the lighting retrofit", help="title of the report")
    meters: tuple[str, ...] = parameter(help="dedicated meters: equipment with an energy register")
    groups: tuple[str, ...] = parameter(
        (), help="lamp groups that are judged; all of the site when not given"
    )
    calendar: str = parameter("cn", help="which days are worked: cn, weekly or daily")
    sensor_window: float = parameter(
        86_400.0,
        unit="s",
        low=3600.0,
        high=31 * 86_400.0,
        help="so much of the monitoring period's end is searched for light of sensors",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptanceFile:
    """The file as it was read."""

    title: str
    meters: tuple[str, ...]
    groups: tuple[str, ...]
    calendar: str
    sensor_window: float
    baseline: Period
    monitoring: Period
    limits: AcceptanceLimits
    lamps: LampPowers | None
    by_hand: tuple[HandMeasurement, ...]
    digest: str


def read_acceptance(path: Path, site: Site) -> AcceptanceFile:
    """Raises ConfigurationError with every mistake and its place."""
    document = read_document(path)
    if not document.problems and not isinstance(document.data, dict):
        document.add((), "a file of sections is wanted here", "see docs/acceptance.md")
    found = None if document.problems else _read(document, path, site)
    if found is None:
        raise ConfigurationError(sorted_problems(document))
    return found


def _read(document: Document, path: Path, site: Site) -> AcceptanceFile | None:
    data: Mapping[str, Any] = document.data
    settings = Settings(document, References(document, path.parent))
    for key in data:
        if key not in KEYS:
            document.add(
                (key,), f"'{str(key)[:60]}' is not a key known here", nearest(str(key), KEYS), key=True
            )
    head = settings.build(
        _Head, {key: data[key] for key in KEYS if key in data and key in _Head.__slots__}, ()
    )
    parts = {
        key: _section(settings, document, key, owner)
        for key, owner in (
            ("baseline", Period),
            ("monitoring", Period),
            ("limits", AcceptanceLimits),
            ("lamps", LampPowers),
        )
    }
    measured = data.get("measured")
    by_hand = () if measured is None else _measured(document, path.parent, measured, site)
    if head is not None:
        _check(document, head, site)
    if document.problems or head is None:
        return None
    return AcceptanceFile(
        title=head.title,
        meters=head.meters,
        groups=head.groups,
        calendar=head.calendar,
        sensor_window=head.sensor_window,
        baseline=parts["baseline"],
        monitoring=parts["monitoring"],
        limits=parts["limits"] or AcceptanceLimits(),
        lamps=parts["lamps"],
        by_hand=by_hand,
        digest=document.digest,
    )


def _section(settings: Settings, document: Document, key: str, owner: type) -> Any:
    data = document.data.get(key)
    if data is None:
        if owner is Period:
            document.add((), f"'{key}' is missing", f"add {key}: {{first: 2026-03-02, last: 2026-03-29}}")
        return None
    if not isinstance(data, dict):
        document.add((key,), "a section of names is wanted here", f"write {key}: {{name: value, ...}}")
        return None
    return settings.build(owner, data, (key,))


def _check(document: Document, head: _Head, site: Site) -> None:
    if head.calendar not in CALENDARS:
        document.add(
            ("calendar",), f"there is no calendar '{head.calendar[:40]}'", nearest(head.calendar, CALENDARS)
        )
    metered = [one.id for one in site.equipment.values() if "energy" in one.roles]
    if not head.meters:
        document.add(("meters",), "no meter is named", f"one or more of {', '.join(metered[:8])}")
    for place, name in enumerate(head.meters):
        if name not in metered:
            document.add(
                ("meters", place),
                f"no equipment '{name[:60]}' with an energy register",
                nearest(name, metered),
            )
    lit = [one.id for one in site.equipment.values() if one.kind == "lamp_group"]
    for place, name in enumerate(head.groups):
        if name not in lit:
            document.add(("groups", place), f"there is no lamp group '{name[:60]}'", nearest(name, lit))


def _measured(document: Document, folder: Path, name: Any, site: Site) -> tuple[HandMeasurement, ...]:
    """Staff's own list; every line that cannot be meant is said with its number."""
    try:
        text = (folder / str(name)).read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        document.add(
            ("measured",), f"cannot be read: {error}", f"a file of {','.join(COLUMNS)} beside this one"
        )
        return ()
    reader = csv.DictReader(io.StringIO(text))
    heads = [one.strip() for one in reader.fieldnames or ()]
    if not {"group", "lux"} <= set(heads):
        document.add(
            ("measured",), f"{name} has no columns group and lux", f"its first line: {','.join(COLUMNS)}"
        )
        return ()
    return tuple(_lines(document, str(name), reader, site))


def _lines(
    document: Document, name: str, reader: csv.DictReader[str], site: Site
) -> Iterator[HandMeasurement]:
    lit = [one.id for one in site.equipment.values() if one.kind == "lamp_group"]
    for number, row in enumerate(reader, 2):
        cells = {str(key).strip(): str(value or "").strip() for key, value in row.items() if key}
        if not any(cells.values()):
            continue
        try:
            lux = float(cells["lux"])
        except ValueError:
            lux = float("nan")
        if not 0.0 <= lux < BRIGHTEST:
            message = f"{name} line {number}: '{cells['lux'][:20]}' is no illuminance"
            document.add(("measured",), message, "write lx as a number")
        elif cells["group"] not in lit:
            message = f"{name} line {number}: no lamp group '{cells['group'][:40]}'"
            document.add(("measured",), message, nearest(cells["group"], lit))
        else:
            yield HandMeasurement(lux=lux, **{key: cells.get(key, "") for key in COLUMNS if key != "lux"})
