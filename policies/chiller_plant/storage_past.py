"""What a storage plan needs of the past: the coils' load, weather and demand in quarter hours. Runs in the planner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from agent.calc.cooling import WATER
from agent.calc.psychrometrics import wet_bulb
from agent.core.equipment import Authority, Equipment
from agent.core.learning import History
from agent.core.snapshot import Snapshot
from policies.chiller_plant.plant_layout import Layout, read_layout

QUARTER = 900.0
DAY_QUARTERS = 96
METERED = ("chiller", "pump", "tower", "tank")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoragePast:
    """Columns of quarter hours (numpy, NaN where nothing is known) from `start` (UTC) to now."""

    layout: Layout
    timezone: str
    start: float
    load: Any  # kW at the coils
    flow: Any  # l/s there
    back: Any  # degC
    power: Any  # kW of all that is metered
    dry: Any  # degC
    wet: Any

    @property
    def number(self) -> int:
        return len(self.load)

    def utc(self, place: int) -> float:
        return self.start + place * QUARTER

    def local(self, utc: float) -> datetime:
        return datetime.fromtimestamp(utc, ZoneInfo(self.timezone))

    def peak(self, year: int, month: int) -> float:
        """Highest quarter hour of this month so far, kW."""
        import numpy as np

        first = datetime(year, month, 1, tzinfo=ZoneInfo(self.timezone)).timestamp()
        seen = self.power[max(int((first - self.start) // QUARTER), 0) :]
        return float(np.nanmax(seen)) if len(seen) and np.isfinite(seen).any() else 0.0

    def recent(self, column: Any) -> Any:
        """The last day of a column; NaN where it is not known."""
        return column[-DAY_QUARTERS:]

    def wet_bulb_at(self, utc: float) -> float | None:
        """As it was at this time of the last day; degC."""
        import numpy as np

        day = self.recent(self.wet)
        known = np.isfinite(day)
        if not known.any():
            return None
        place = int((utc - self.start) // QUARTER - (self.number - len(day))) % DAY_QUARTERS
        value = day[place] if place < len(day) else np.nan
        return float(value if np.isfinite(value) else np.nanmean(day))

    def returns(self) -> float | None:
        """DegC of the water that comes back in hours of some load, mean by flow of the last three days."""
        import numpy as np

        load, flow, back = (one[-3 * DAY_QUARTERS :] for one in (self.load, self.flow, self.back))
        known = np.isfinite(load) & np.isfinite(back) & (flow > 0.5)
        if not known.any():
            return None
        much = known & (load > 0.3 * np.max(load[known]))
        return float(np.average(back[much], weights=flow[much]))

    def hottest(self) -> float | None:
        """The highest outdoor temperature of the last day: what today is taken to reach."""
        import numpy as np

        day = self.recent(self.dry)
        return float(np.nanmax(day)) if len(day) and np.isfinite(day).any() else None


def read_past(history: History) -> StoragePast:
    """Everything that is bound; columns of what is not are NaN."""
    import numpy as np

    layout = read_layout(history.model)
    loop, weather = layout.loop, layout.weather
    wanted = _points(loop, ("chilled_water_flow", "chilled_water_supply_temp", "chilled_water_return_temp"))
    outside = _points(weather, ("outdoor_dry_bulb", "outdoor_humidity", "outdoor_wet_bulb"))
    meters = _meters(history, loop)
    columns = history.columns([one for one in (*wanted, *outside, *meters) if one], QUARTER)
    first = next(iter(columns.values()), None)
    number = 0 if first is None else len(first.values)
    empty = np.full(number, np.nan)

    def of(point: str) -> Any:
        column = columns.get(point)
        return empty if column is None else np.asarray(column.values, dtype=float)

    flow, supply, back = (of(one) for one in wanted)
    load = np.where(flow < 0.5, 0.0, WATER * flow * np.clip(back - supply, 0.0, 25.0))
    load = np.where(np.isfinite(flow), load, np.nan)
    dry, damp, wet = (of(one) for one in outside)
    start = 0.0 if first is None else first.start
    known = (
        np.isfinite(np.array([of(one) for one in meters])) if meters else np.zeros((1, number), dtype=bool)
    )
    power = np.nansum(np.array([of(one) for one in meters]), axis=0) if meters else empty
    return StoragePast(
        layout=layout,
        timezone=history.model.place.timezone,
        start=start,
        load=load,
        flow=flow,
        back=back,
        power=np.where(known.any(axis=0), power, np.nan),
        dry=dry,
        wet=np.where(np.isfinite(wet), wet, _wet(dry, damp)),
    )


def _points(one: Equipment | None, roles: tuple[str, ...]) -> list[str]:
    return ["" if one is None else one.roles.get(role, "") for role in roles]


def _meters(history: History, loop: Equipment | None) -> list[str]:
    """The plant's own meter, else those of all machines."""
    if loop is not None and "power" in loop.roles:
        return [loop.roles["power"]]
    every = history.model.equipment.values()
    return [one.roles["power"] for one in every if one.kind in METERED and "power" in one.roles]


def _wet(dry: Any, damp: Any) -> Any:
    import numpy as np

    return np.array(
        [
            wet_bulb(float(d), min(float(h), 100.0))
            if np.isfinite(d) and h > 1.0 and -30.0 < d < 55.0
            else np.nan
            for d, h in zip(dry, damp, strict=True)
        ]
    )


def present(history: History) -> Snapshot:
    """The end of the past as a picture, for what looks at pictures."""
    return Snapshot(
        model=history.model,
        readings=history.readings,
        utc=history.until,
        utc_trusted=True,
        elapsed=0.0,
        authority=Authority.SHADOW,
        artefacts=history.artefacts,
    )
