"""The clock of a garage: which event comes next, over all midnights, in seconds since the run began."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hil.plant.garage_days import DAY, Event, GarageDays

NOW = 1e-6  # s: an event so near is now


class Timeline:
    """Walks through the days' events. `now` counts seconds since the start."""

    def __init__(self, days: GarageDays, start: float, utc_offset: timedelta) -> None:
        local = datetime.fromtimestamp(start, UTC) + utc_offset
        self.now = 0.0
        self._days = days
        self._late: list[Event] = []  # yesterday's edges that nobody has asked for yet
        self._day = local.date()
        self._midnight = -float(
            local.hour * 3600 + local.minute * 60 + local.second + local.microsecond / 1e6
        )
        self._today = days.day(self._day)
        self._visit = 0
        self._edge = 0

    def until_visit(self) -> float:
        """Seconds until somebody comes into or leaves a group; midnight at the latest."""
        return self._until(self._today.visits, self._visit)

    def until_edge(self) -> float:
        """Seconds until a radar goes on or off; midnight at the latest."""
        return self._until(self._today.edges, self._edge)

    def visits(self) -> list[Event]:
        """The comings and goings whose time has come, once. Call it at every midnight."""
        if self.now - self._midnight >= DAY - NOW:
            return self._turn()
        found = self._due(self._today.visits, self._visit)
        self._visit += len(found)
        return found

    def edges(self) -> list[Event]:
        """What the radars have done since the last call."""
        found = self._late + self._due(self._today.edges, self._edge)
        self._edge += len(found) - len(self._late)
        self._late = []
        return found

    def _turn(self) -> list[Event]:
        """Midnight: the rest of the old day, then the new one."""
        today = self._today
        visits, self._late = today.visits[self._visit :], self._late + today.edges[self._edge :]
        self._midnight += DAY
        self._day += timedelta(days=1)
        self._today, self._visit, self._edge = self._days.day(self._day), 0, 0
        return visits + self.visits()

    def _until(self, events: list[Event], place: int) -> float:
        time = events[place][0] if place < len(events) else DAY
        return self._midnight + time - self.now

    def _due(self, events: list[Event], first: int) -> list[Event]:
        limit = self.now - self._midnight + NOW
        place = first
        while place < len(events) and events[place][0] <= limit:
            place += 1
        return events[first:place]
