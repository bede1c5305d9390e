"""Foretells the plant's load for two days in quarter hours: from the calendar, the weather, and what has just been.

It commands no machine. Its artefact is an input of other policies (the optimiser looks half an hour ahead, storage two days); where the
site has a point for it, it shows the load of the coming hour and how far forecasts were off. Weather ahead comes from an artefact of
kind `weather_forecast` (`start`, `step`, `dry_bulb`, `wet_bulb`) where some policy brings one, else from persistence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from agent.calc.calendar import CALENDARS
from agent.calc.psychrometrics import wet_bulb
from agent.core.command import Command, Priority
from agent.core.learning import DAY, History, Learning, NothingToLearnError
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.serial import from_plain
from agent.core.snapshot import Snapshot
from policies.chiller_plant.load_forecast_fit import DAY_QUARTERS, Days, fit_model, foretell, quarters
from policies.chiller_plant.load_forecast_model import (
    LEARNING,
    QUARTER,
    LoadForecast,
    Track,
    current_forecast,
)
from policies.chiller_plant.load_profile import STEP, loads

ROLE = "expected_cooling"
WEATHER = "weather_forecast"
AHEAD = 192  # quarter hours
LEAST_DAYS = 5.0
FORGET = 0.98  # of the track, each hour of a day scored: some weeks


@dataclass(frozen=True, slots=True)
class ForecastState:
    """It has nothing to remember."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadForecaster:
    """Learns the load of the coming two days every hour, and keeps the score of its own forecasts."""

    kind: ClassVar[str] = "chiller_plant.load_forecast"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    learning: ClassVar[Learning] = LEARNING
    reads: ClassVar[tuple[RoleNeed, ...]] = (
        RoleNeed("chilled_water_flow", "loop", required=False, without="the machines' own load is used"),
        RoleNeed("outdoor_dry_bulb", "weather", required=False, without="calendar and habit alone"),
        RoleNeed("outdoor_humidity", "weather", required=False, without="dry bulb alone"),
    )
    claims: ClassVar[tuple[RoleClaim, ...]] = (RoleClaim(ROLE, "loop", Priority.SCHEDULE),)

    name: str = parameter("", help="name of this policy in the site file")
    calendar: str = parameter("cn", help="which days are worked: cn, weekly or daily")
    supply_setpoint: float = parameter(
        7.0, unit="degC", low=1.0, high=20.0, help="supply temperature wanted, where no set-point can be read"
    )

    def __post_init__(self) -> None:
        if self.calendar not in CALENDARS:
            raise ValueError(f"calendar must be one of {', '.join(CALENDARS)}")

    def initial_state(self) -> ForecastState:
        return ForecastState()

    def decide(self, snapshot: Snapshot, state: ForecastState) -> tuple[Sequence[Command], ForecastState]:
        loop = next((one for one in snapshot.equipment("loop") if ROLE in one.roles), None)
        if loop is None:
            return (), state
        forecast = current_forecast(snapshot)
        value = None if forecast is None else forecast.most(snapshot.utc, snapshot.utc + 3600.0)
        reason = (
            "no fresh forecast" if forecast is None else f"most of the coming hour; {forecast.track.words()}"
        )
        command = Command(
            point=loop.roles[ROLE],
            priority=Priority.SCHEDULE,
            source=self.name,
            value=None if value is None else round(value, 1),
            reason=reason,
        )
        return (command,), state

    def learn(self, history: History) -> LoadForecast:
        """Raises NothingToLearnError while too few days are measured."""
        import numpy as np

        start, load = _load(history, self.supply_setpoint)
        number = len(load)
        measured = float(np.isfinite(load).sum()) / DAY_QUARTERS
        if measured < LEAST_DAYS:
            raise NothingToLearnError(
                f"load is measured over {measured:.1f} of at least {LEAST_DAYS:.0f} days"
            )
        weather, source = _weather(history, start, number)
        days = self._days(start, weather, history.model.place.timezone)
        past = days.part(0, number)
        age = (number - np.arange(number)) / DAY_QUARTERS
        model = fit_model(load, past, age)
        left_over = (load - model.expects(past))[-7 * DAY_QUARTERS :]
        ahead = foretell(model, days.part(number, number + AHEAD), left_over)
        found = LoadForecast(
            start=start + number * QUARTER,
            kw=tuple(round(float(one), 1) for one in ahead),
            weather=source,
            days=round(measured, 1),
        )
        return _scored(found, _before(history.artefacts.get(self.name)), start, load)

    def _days(self, start: float, weather: Any, timezone: str) -> Days:
        """Calendar beside the weather, past and ahead."""
        import numpy as np

        calendar, zone = CALENDARS[self.calendar], ZoneInfo(timezone)
        kinds: dict[Any, int] = {}
        columns = np.zeros((len(weather), 3), dtype=int)
        begin = datetime.fromtimestamp(start, UTC)
        for at in range(len(weather)):
            local = (begin + timedelta(seconds=at * QUARTER + QUARTER / 2.0)).astimezone(zone)
            day = local.date()
            if day not in kinds:
                kinds[day] = 0 if calendar.working(day) else 1
            columns[at] = (local.hour * 4 + local.minute // 15, kinds[day], day.weekday())
        return Days(quarter=columns[:, 0], kind=columns[:, 1], weekday=columns[:, 2], weather=weather)


def _load(history: History, setpoint: float) -> tuple[float, Any]:
    """Quarter hours of the past, NaN where nothing was measured, up to the last full one."""
    import numpy as np

    known = list(loads(history, setpoint))
    if not known:
        raise NothingToLearnError("no load is measured")
    first = known[0][0] // STEP * STEP
    steps = np.full(max(int((history.until - first) // STEP), 0), np.nan)
    for utc, kw in known:
        at = int((utc - first) // STEP)
        if at < len(steps):
            steps[at] = kw
    return quarters(steps, first, STEP)


def _weather(history: History, start: float, number: int) -> tuple[Any, str]:
    """Dry bulb, wet bulb and the last day's mean dry bulb, for the past and `AHEAD`; and where the coming part is from."""
    import numpy as np

    past = np.full((number, 2), np.nan)
    for at, (dry, wet) in enumerate(_measured(history, start, number)):
        past[at] = (dry, wet)
    if not np.isfinite(past).any():
        return np.zeros((number + AHEAD, 3)), "not measured"
    past = _filled(past)
    foreseen = _foreseen(history, start + number * QUARTER)
    ahead = _persisting(past) if foreseen is None else foreseen
    both = np.vstack([past, ahead])
    sums = np.cumsum(np.concatenate([np.full(DAY_QUARTERS, both[0, 0]), both[:, 0]]))
    day = (sums[DAY_QUARTERS:] - sums[:-DAY_QUARTERS]) / DAY_QUARTERS
    return np.column_stack([both, day]), "persistence" if foreseen is None else "forecast"


def _measured(history: History, start: float, number: int) -> list[tuple[float, float]]:
    import numpy as np

    one = next((one for one in history.model.equipment.values() if one.kind == "weather"), None)
    roles = {} if one is None else one.roles
    names = [roles.get(role, "") for role in ("outdoor_dry_bulb", "outdoor_humidity", "outdoor_wet_bulb")]
    columns = history.columns([name for name in names if name], QUARTER)
    empty = np.full(number, np.nan)
    found = []
    for name in names:
        column = columns.get(name)
        values = empty.copy()
        if column is not None:
            shift = round((start - column.start) / QUARTER)
            seen = np.asarray(column.values, dtype=float)[max(shift, 0) :][:number]
            values[: len(seen)] = seen
        found.append(values)
    dry, damp, wet = found
    return [
        (
            float(d),
            float(w)
            if np.isfinite(w) or not (np.isfinite(d) and h > 1.0)
            else wet_bulb(float(d), min(float(h), 100.0)),
        )
        for d, h, w in zip(dry, damp, wet, strict=True)
    ]


def _filled(columns: Any) -> Any:
    """Gaps bridged straight; a column that is nowhere known is zero."""
    import numpy as np

    rows = np.arange(len(columns))
    done = np.zeros_like(columns)
    for at in range(columns.shape[1]):
        known = np.isfinite(columns[:, at])
        if known.any():
            done[:, at] = np.interp(rows, rows[known], columns[known, at])
    return done


def _persisting(past: Any) -> Any:
    """Tomorrow is as usual at that time of day, and still a little like today."""
    import numpy as np

    recent = past[-14 * DAY_QUARTERS :]
    days = len(recent) // DAY_QUARTERS
    if days < 2:
        return np.resize(past[-DAY_QUARTERS:], (AHEAD, 2))
    table = recent[len(recent) - days * DAY_QUARTERS :].reshape(days, DAY_QUARTERS, 2)
    usual = table.mean(axis=0)
    odd = (table - usual).mean(axis=1)
    last = (table[-1] - usual).mean(axis=0)
    likeness = np.clip((odd[1:] * odd[:-1]).sum(axis=0) / np.maximum((odd**2).sum(axis=0), 1e-9), 0.3, 0.95)
    lead = np.arange(1, AHEAD + 1)[:, None] / DAY_QUARTERS
    return np.vstack([usual, usual])[:AHEAD] + last * likeness**lead


def _foreseen(history: History, start: float) -> Any:
    """A weather forecast that some policy brought, at our quarter hours; None without one that reaches far enough."""
    import numpy as np

    for artefact in history.artefacts.values():
        content = artefact.content
        if artefact.kind != WEATHER or not isinstance(content, Mapping):
            continue
        dry, wet = (np.asarray(content.get(one, ()), dtype=float) for one in ("dry_bulb", "wet_bulb"))
        times = float(content.get("start", 0.0)) + float(content.get("step", 3600.0)) * np.arange(len(dry))
        wanted = start + QUARTER * (np.arange(AHEAD) + 0.5)
        if len(dry) >= 2 and len(wet) == len(dry) and times[0] <= start and times[-1] >= start + DAY:
            return np.column_stack([np.interp(wanted, times, dry), np.interp(wanted, times, wet)])
    return None


def _before(artefact: Any) -> LoadForecast | None:
    if artefact is None or (artefact.kind, artefact.version) != (LEARNING.kind, LEARNING.version):
        return None
    return from_plain(LoadForecast, artefact.content)


def _scored(found: LoadForecast, before: LoadForecast | None, start: float, load: Any) -> LoadForecast:
    """What was pledged a day ahead, held against what came since it was last scored; a new pledge when it is over."""
    if before is None or not before.pledge:
        return replace(found, pledge=found.kw[:DAY_QUARTERS], pledged=found.start, scored=found.start)
    track, at = before.track, round((before.scored - start) / QUARTER)
    end = min(len(load), round((before.pledged - start) / QUARTER) + len(before.pledge))
    while at < end:
        place = at - round((before.pledged - start) / QUARTER)
        track = _added(track, before.pledge[place], at, load)
        at += 1
    over = found.start >= before.pledged + len(before.pledge) * QUARTER
    if over:
        return replace(
            found, track=track, pledge=found.kw[:DAY_QUARTERS], pledged=found.start, scored=found.start
        )
    return replace(
        found, track=track, pledge=before.pledge, pledged=before.pledged, scored=start + end * QUARTER
    )


def _added(track: Track, told: float, at: int, load: Any) -> Track:
    """One quarter hour more, where all three can be held against it."""
    if at < 7 * DAY_QUARTERS:
        return track
    came, week, yesterday = (float(load[at - back]) for back in (0, 7 * DAY_QUARTERS, DAY_QUARTERS))
    if came != came or week != week or yesterday != yesterday:  # noqa: PLR0124 - NaN
        return track
    keep = FORGET**0.25
    return Track(
        hours=track.hours + 0.25,
        weight=keep * track.weight + 1.0,
        load=keep * track.load + came,
        own=keep * track.own + (told - came) ** 2,
        week=keep * track.week + (week - came) ** 2,
        persistence=keep * track.persistence + (yesterday - came) ** 2,
    )
