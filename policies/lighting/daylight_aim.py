"""Where one row of lamps is to go, how fast and why: the light law, or what goes before it (fault, scene, lunch, the way out)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from agent.calc.sun_position import sun_altitude
from agent.calc.timers import held
from agent.core.snapshot import Snapshot
from policies.lighting import daylight_words as words
from policies.lighting.daylight_hours import Phase
from policies.lighting.daylight_light import BandRules, looked, wished
from policies.lighting.daylight_rows import LampRow
from policies.lighting.daylight_scenes import level_of, scene_levels
from policies.lighting.daylight_state import RowWatch
from policies.lighting.radar_watch import believed

MOST = 6.0  # % at once, however long the last look is ago: 7 % within a second can be seen
DIP = 20.0  # s from the beginning of the warning in which the lamps are held down
_DAY, _NIGHT = (
    5.0,
    -6.0,
)  # degrees of the sun above which a sensor must move, and below which lamps are all it sees
_GLOW = 100.0  # lx that the street may add at night


@dataclass(frozen=True, slots=True, kw_only=True)
class AimRules:
    """What staff set. %, % a second, and s."""

    band: BandRules
    safe_level: float
    stale_after: float
    stuck_after: float
    response: float
    fade: float
    fade_down: float
    lunch_level: float
    absent_after: float
    absent_level: float
    warning_level: float
    scenes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Aim:
    """`watch` with its timers; its level is still the present one. `doubt`: why the row's sensor is not believed."""

    level: float
    reason: str
    watch: RowWatch
    slow: bool = False  # less light is nobody's wish: it goes by unseen
    doubt: str = ""


def look(rules: AimRules, snapshot: Snapshot, row: LampRow, watch: RowWatch, seconds: float) -> RowWatch:
    """What the row's sensors say, and where its lamps are."""
    level = snapshot.decided(row.group, "lamp_level")
    if not isinstance(level, int | float):
        level = watch.level
    if level is None:  # the first look: go on from where the lamps are
        level = snapshot.number_of(row.group, "lamp_level")
    level = rules.safe_level if level is None else float(level)
    has_radar = "presence" in row.group.roles
    seen = believed(snapshot.reading(row.group, "presence"), snapshot.elapsed, None) if has_radar else None
    watch = replace(watch, level=level, away=held(watch.away, seen is False, seconds))
    reading = snapshot.number_of(row.group, "illuminance", rules.stale_after)
    if reading is None:
        return replace(watch, lux=None, seen=None, raw=None, same=0.0)
    running = snapshot.number_of(row.group, "lamp_level_status", rules.stale_after)
    return looked(watch, reading, level if running is None else running, seconds, rules.response)


def aimed(
    rules: AimRules,
    snapshot: Snapshot,
    row: LampRow,
    watches: Mapping[str, RowWatch],
    aims: Mapping[str, Aim],
    now: tuple[Phase, str, float],
    seconds: float,
) -> Aim:
    """`aims`: those of the rows that others follow. `now`: the phase, why it holds (the name of a scene), s of warning so far."""
    phase, why, warned = now
    aim = _by_light(rules, snapshot, row, watches, aims, seconds)
    if phase is Phase.SCENE:
        level = level_of(scene_levels(rules.scenes)[why], row.rank)
        return replace(aim, level=level, reason=f"scene {why}: {level:g} %", slow=False)
    if phase is Phase.OUT:
        return replace(aim, level=0.0, reason=why, slow=False)
    if phase is Phase.WARNING:
        level = min(aim.level, rules.warning_level) if warned <= DIP else aim.level
        return replace(aim, level=level, reason=why, slow=False)
    if phase is Phase.LUNCH:
        return replace(
            aim,
            level=min(aim.level, rules.lunch_level),
            reason=f"{why}, {rules.lunch_level:g} % at most; {aim.reason}",
        )
    empty = phase is Phase.LIT and 0.0 < rules.absent_after <= aim.watch.away
    if empty and aim.level > rules.absent_level:
        return replace(
            aim, level=rules.absent_level, reason=words.away(rules.absent_after, rules.absent_level)
        )
    return replace(aim, reason=f"{aim.reason} ({why})")


def moved(rules: AimRules, aim: Aim, seconds: float) -> float:
    """The next level (%) on the way there: never so far at once that anybody sees it."""
    level = aim.watch.level or 0.0
    up = min(rules.fade * seconds, MOST)
    down = min((rules.fade_down if aim.slow else rules.fade) * seconds, MOST)
    return round(min(max(aim.level, level - down), level + up), 1)


def _by_light(
    rules: AimRules,
    snapshot: Snapshot,
    row: LampRow,
    watches: Mapping[str, RowWatch],
    aims: Mapping[str, Aim],
    seconds: float,
) -> Aim:
    watch = watches[row.id]
    if row.leader and row.leader != row.id:
        first = aims[row.leader]
        return Aim(first.level, words.led(first.reason), watch, slow=True)
    doubt = _doubt(rules, snapshot, row, watch)
    if doubt:
        return Aim(rules.safe_level, words.faulty(doubt, rules.safe_level), watch, doubt=doubt)
    level = watch.level or 0.0
    need, watch = wished(rules.band, watch, level, row.rank, row.full, seconds)
    return Aim(need, words.holding(rules.band, watch, level, need), watch, slow=True)


def _doubt(rules: AimRules, snapshot: Snapshot, row: LampRow, watch: RowWatch) -> str:
    """Why this row's light sensor cannot be believed; empty if it can."""
    if not row.leader:
        return "there is none"
    if watch.lux is None:
        return snapshot.reading(row.group, "illuminance").reason or "no fresh reading"
    lamps = (row.full or rules.band.full) / 100.0 * (watch.seen or 0.0)
    still, glows = watch.same >= rules.stuck_after, watch.lux > 1.5 * lamps + _GLOW
    if not (still or glows) or not snapshot.utc_trusted:
        return ""
    place = snapshot.model.place
    altitude = sun_altitude(snapshot.utc, place.latitude, place.longitude)
    if still and altitude > _DAY:
        return f"it has shown {words.lux(watch.lux)} without any change since"
    if glows and altitude < _NIGHT:
        return f"it shows {words.lux(watch.lux)} at night, more than the lamps give"
    return ""
