"""What meters say of the lamps: dark when they should be lit, burning when they should be off, or as it should be."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from agent.advisory.model import Advisory, AdvisorySite, Task, TaskKind, TaskState
from agent.advisory.store import AdvisoryStore
from agent.calc.lamp_year import Evening, evenings

AHEAD = 300.0  # s a meter's clock may be before ours
SILENT = 3600.0
STALE = 2 * 3600.0  # a reading that comes later than this says nothing of now

Opening = Callable[[AdvisorySite, TaskKind, str, dict[str, object], float], bool]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one meter read: UTC seconds and kW."""

    site: str
    time: float
    power: float


class MeterWatch:
    """Judges readings against the times. Inside the store's transaction."""

    def __init__(self, advisory: Advisory, store: AdvisoryStore, open_task: Opening) -> None:
        self._advisory = advisory
        self._store = store
        self._open = open_task
        self._latest = {site: time for site, (time, _) in store.tasks.meters().items()}
        self._unsettled = store.tasks.sites_open()
        self._evenings: dict[str, Evening] = {}

    def opened(self, site: str) -> None:
        self._unsettled.add(site)

    def silent_since(self, site: AdvisorySite, now: float) -> float | None:
        """Since when a meter that should speak has not."""
        latest = self._latest.get(site.id)
        return latest if site.meter and latest is not None and now - latest > SILENT else None

    def read(self, readings: Iterable[Reading], now: float) -> tuple[int, list[str]]:
        taken, unknown = 0, []
        for one in readings:
            site = self._advisory.sites.get(one.site)
            if site is None or not site.meter:
                unknown.append(one.site)
            elif self._latest.get(site.id, 0.0) < one.time <= now + AHEAD:
                taken += 1
                self._latest[site.id] = one.time
                self._store.tasks.meter(site.id, one.time, one.power)
                if now - one.time <= STALE:
                    self._judge(site, one, now)
        return taken, unknown

    def _judge(self, site: AdvisorySite, one: Reading, now: float) -> None:
        evening = self._evening(site, one.time)
        level, since = _level(evening, one.time)
        early, _ = _level(evening, one.time - self._advisory.service.tolerance)
        wanted, burns = level > 0.0, one.power >= site.on_power
        if burns == wanted:
            self._as_it_should_be(site, one, evening, now)
        elif wanted == (early > 0.0):  # not within the tolerance of a change
            self._wrong(site, one, TaskKind.BURNING if burns else TaskKind.DARK, since, now)

    def _as_it_should_be(self, site: AdvisorySite, one: Reading, evening: Evening, now: float) -> None:
        if site.id not in self._unsettled:
            return
        states = (TaskState.OPEN, TaskState.ACKNOWLEDGED, TaskState.UNANSWERED)
        left = False
        for task in self._store.tasks.of_site(site.id, *states):
            if task.kind is TaskKind.TIMES and not _seen_done(task, evening, one.time):
                left = left or task.key.rsplit("/", 2)[1] >= str(evening.day)  # its night is still to come
                continue
            by = task.by if task.state is TaskState.ACKNOWLEDGED else ""
            self._store.tasks.change(replace(task, state=TaskState.EXECUTED, by=by, at=now))
            self._store.notes.spare(task.number)
        if not left:
            self._unsettled.discard(site.id)

    def _wrong(self, site: AdvisorySite, one: Reading, kind: TaskKind, since: float, now: float) -> None:
        states = (TaskState.OPEN, TaskState.ACKNOWLEDGED, TaskState.UNANSWERED)
        known = [task for task in self._store.tasks.of_site(site.id, *states) if task.kind is kind]
        for task in known:
            if (
                task.state is not TaskState.OPEN and now >= task.next_at
            ):  # said once more, from the next one on
                step = task.step if task.state is TaskState.ACKNOWLEDGED else -1
                step = -1 if step >= len(site.people) else step
                self._store.tasks.change(replace(task, state=TaskState.OPEN, step=step, next_at=now))
        if known:
            return
        place = site.place
        detail: dict[str, object] = {
            "time": f"{place.local(one.time):%H:%M}",
            "since": f"{place.local(since):%H:%M}",
            "power": f"{one.power:.3g}",
        }
        # one that comes and goes within the hour is one: a meter at the edge must not flood anybody
        bucket = int(one.time // self._advisory.service.again_after)
        self._open(site, kind, f"{site.id}/{kind.value}/{bucket}", detail, now)

    def _evening(self, site: AdvisorySite, utc: float) -> Evening:
        kept = self._evenings.get(site.id)
        if kept is None or not kept.start <= utc < kept.end:
            day = (site.place.local(utc) - timedelta(hours=12)).date()
            (kept,) = evenings(site.place, day, 1)
            self._evenings[site.id] = kept
        return kept


def _seen_done(task: Task, evening: Evening, utc: float) -> bool:
    """Whether lamps that are as they should be at `utc` show that these times were set."""
    first = evening.changes[0].utc if evening.changes else utc
    return utc >= first and task.key.rsplit("/", 2)[1] == str(evening.day)


def _level(evening: Evening, utc: float) -> tuple[float, float]:
    """Level (%) at an instant, and since when."""
    number = bisect_right(evening.changes, utc, key=lambda one: one.utc)
    if number == 0:
        return evening.before, evening.start
    return evening.changes[number - 1].level, evening.changes[number - 1].utc
