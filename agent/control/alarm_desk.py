"""The alarms of this site: the pure book of agent.alarms with a clock, a place on disk and a live event."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Protocol

from agent.alarms.states import Alarm, AlarmBook, Condition, Severity
from agent.control.live import Live
from agent.core.serial import from_plain, to_plain

log = logging.getLogger("plantroom.alarms")

KIND, BOOK = "alarms", "book"


class Documents(Protocol):
    """The part of the store that keeps small documents."""

    def put_soon(self, kind: str, key: str, value: Any) -> None: ...

    def documents(self, kind: str) -> dict[str, Any]: ...


class AlarmDesk:
    """Raises, clears and acknowledges. One alarm an id, however often its cause comes back."""

    def __init__(self, store: Documents, live: Live, utc: Callable[[], float]) -> None:
        self._store = store
        self._live = live
        self._utc = utc
        kept = store.documents(KIND).get(BOOK)
        self._book = AlarmBook() if kept is None else from_plain(AlarmBook, kept)
        self._in_order = self._book.sorted()

    def stand(self, id_: str, source: str, severity: str, text: str) -> None:
        """The condition holds (again)."""
        if id_ not in self._book.alarms:
            log.warning("alarm %s: %s", id_, text)
        self._keep(self._book.raised(Condition(id_, source, Severity(severity), text), self._utc()))

    def over(self, id_: str) -> None:
        """The condition has gone."""
        self._keep(self._book.cleared(id_, self._utc()))

    def acknowledge(self, id_: str, actor: str) -> Alarm:
        """Raises KeyError when no such alarm stands."""
        book, alarm = self._book.acknowledge(id_, actor, self._utc())
        self._keep(book)
        return alarm

    def all(self) -> tuple[Alarm, ...]:
        """The most severe first, then the newest."""
        return self._in_order

    def _keep(self, book: AlarmBook) -> None:
        if book is self._book:
            return
        self._book, self._in_order = book, book.sorted()
        self._store.put_soon(KIND, BOOK, to_plain(book))
        self._live.publish({"type": "alarms"})
