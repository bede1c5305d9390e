"""The desk: whose times are to be told today, who has not answered, what meters say is not as it should be.

Synchronous, with a store and the time handed in: a day of thousands of sites runs in a test in seconds. Everything that it
makes has a name of its own (site, evening, kind), so that doing it again after a restart changes nothing.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from agent.advisory.meter_watch import MeterWatch, Reading
from agent.advisory.model import Advisory, AdvisorySite, Note, Task, TaskKind, TaskState
from agent.advisory.store import AdvisoryStore
from agent.calc.lamp_year import Evening, evenings, level_said

AT_ONCE = 100  # sites or steps of one piece of work
HOUR, DAY = 3600.0, 86_400.0
NOT_ASKED = Task(0, "", "", TaskKind.TIMES, TaskState.OPEN, 0, 0.0, "{}")


class Desk:
    """Makes tasks and notes. One thread."""

    def __init__(self, advisory: Advisory, store: AdvisoryStore, now: float) -> None:
        self._advisory = advisory
        self._store = store
        self._push = time.fromisoformat(advisory.service.push_at)
        self._pushes: list[tuple[float, str, date]] = []
        self._tidied = 0.0
        self._meters = MeterWatch(advisory, store, self._open)
        for site in advisory.sites.values():
            day = site.place.local(now).date()
            heapq.heappush(self._pushes, (self._push_time(site, day), site.id, day))

    def work(self, now: float) -> bool:
        """A piece of what is due; whether there is more of it."""
        with self._store.together():
            told = self._tell(now)
            due = self._store.tasks.due(now, AT_ONCE)
            for task in due:
                self._next_step(task, now)
            if now - self._tidied >= HOUR:
                self._tidied = now
                self._store.forget(now - self._advisory.service.keep_days * DAY)
            self._store.notes.expire(now)
        return told >= AT_ONCE or len(due) >= AT_ONCE

    def read(self, readings: Iterable[Reading], now: float) -> tuple[int, list[str]]:
        """What meters say; how many were taken, and the sites nobody knows."""
        with self._store.together():
            return self._meters.read(readings, now)

    def acknowledge(self, token: str, number: int, by: str, now: float) -> tuple[bool, Task | None]:
        """Whether this link still counted, and the task as it stands now."""
        with self._store.together():
            task = self._store.tasks.get(number)
            if task is None or not self._store.tasks.use(token, number, by, now):
                return False, task
            if task.state not in (TaskState.OPEN, TaskState.UNANSWERED):
                return False, task
            again = now + self._advisory.service.again_after
            task = replace(task, state=TaskState.ACKNOWLEDGED, by=by, at=now, next_at=again)
            self._store.tasks.change(task)
            self._store.notes.spare(number)
            return True, task

    def _tell(self, now: float) -> int:
        told = 0
        while self._pushes and self._pushes[0][0] <= now and told < AT_ONCE:
            _, id_, day = heapq.heappop(self._pushes)
            site, told = self._advisory.sites[id_], told + 1
            (evening,) = evenings(site.place, day, 1)
            if evening.changes and now < evening.changes[0].utc:
                self._tell_times(site, evening, now)
            following = day + timedelta(days=1)
            heapq.heappush(self._pushes, (self._push_time(site, following), id_, following))
        return told

    def _tell_times(self, site: AdvisorySite, evening: Evening, now: float) -> None:
        place = site.place
        end = evening.changes[-1].utc
        detail = {"day": str(evening.day), "changes": changes_of(site, evening), "end": end}
        if silent := self._meters.silent_since(site, now):
            detail["silent"] = f"{place.local(silent):%m-%d %H:%M}"
        self._open(site, TaskKind.TIMES, f"{site.id}/{evening.day}/times", detail, now)

    def _open(
        self, site: AdvisorySite, kind: TaskKind, key: str, detail: dict[str, object], now: float
    ) -> bool:
        """A task and its first note; False where it has been made before."""
        task = replace(
            NOT_ASKED,
            key=key,
            site=site.id,
            kind=kind,
            next_at=now + self._patience(kind),
            detail=json.dumps(detail, ensure_ascii=False),
        )
        number = self._store.tasks.add(task, now)
        if number is None:
            return False
        self._meters.opened(site.id)
        self._note(replace(task, number=number), site, now)
        return True

    def _next_step(self, task: Task, now: float) -> None:
        """Nobody has answered: the next person is told; after the last one it stands as unanswered."""
        site = self._advisory.sites.get(task.site)
        step = task.step + 1
        if site is None or step > len(site.people) or self._over(task, now):
            again = now + self._advisory.service.again_after
            self._store.tasks.change(replace(task, state=TaskState.UNANSWERED, next_at=again))
            return
        task = replace(task, step=step, next_at=now + self._patience(task.kind))
        self._store.tasks.change(task)
        self._note(task, site, now)

    def _note(self, task: Task, site: AdvisorySite, now: float) -> None:
        channel, mention = site.channel, ""
        if task.step > 0:
            person = self._advisory.people[site.people[task.step - 1]]
            channel, mention = person.channel, person.mention
        end = float(json.loads(task.detail).get("end", now + DAY / 2.0))
        note = Note(
            0,
            f"{task.key}/{task.step}/{int(task.next_at)}",
            task.number,
            site.id,
            channel,
            task.kind,
            task.step,
            task.detail,
            mention,
            expires=max(end, now + HOUR),
        )
        self._store.notes.add(note)

    def _over(self, task: Task, now: float) -> bool:
        """Times of a night that is over help nobody."""
        return task.kind is TaskKind.TIMES and now > float(json.loads(task.detail).get("end", now))

    def _patience(self, kind: TaskKind) -> float:
        service = self._advisory.service
        return {
            TaskKind.TIMES: service.acknowledge_within,
            TaskKind.DARK: service.dark_within,
            TaskKind.BURNING: service.burning_within,
        }[kind]

    def _push_time(self, site: AdvisorySite, day: date) -> float:
        return datetime.combine(day, self._push, site.place.zone).timestamp()


def changes_of(site: AdvisorySite, evening: Evening) -> list[tuple[str, str]]:
    """Local time of day and what the lamps do then."""
    return [(f"{site.place.local(one.utc):%H:%M}", level_said(one.level)) for one in evening.changes]
