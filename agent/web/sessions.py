"""Who is logged in: sessions in memory only, so that a restart of the agent logs everybody out."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

IDLE = 1_800.0  # seconds without a change
LONGEST = 43_200.0  # one shift, whatever is done in it
MOST_SESSIONS = 64


@dataclass(frozen=True, slots=True)
class Session:
    """One logged-in browser. `csrf` must come back in a header with every change."""

    user: str
    csrf: str
    made: float
    used: float


class Sessions:
    """Live sessions by the digest of their cookie: whoever reads the memory dump cannot log in with it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._sessions: dict[str, Session] = {}

    def open(self, user: str) -> tuple[str, Session]:
        """A new session and the cookie value that names it."""
        self._drop_old()
        if len(self._sessions) >= MOST_SESSIONS:
            oldest = min(self._sessions, key=lambda key: self._sessions[key].used)
            del self._sessions[oldest]
        token = secrets.token_urlsafe(32)
        now = self._clock()
        session = Session(user, secrets.token_urlsafe(24), now, now)
        self._sessions[_digest(token)] = session
        return token, session

    def find(self, token: str | None) -> Session | None:
        if not token:
            return None
        key = _digest(token)
        session = self._sessions.get(key)
        if session is not None and not self._alive(session):
            del self._sessions[key]
            return None
        return session

    def touch(self, token: str) -> None:
        """A change was made: the idle time starts again. Looking on does not keep a session alive."""
        key = _digest(token)
        if key in self._sessions:
            self._sessions[key] = replace(self._sessions[key], used=self._clock())

    def close(self, token: str | None) -> None:
        if token:
            self._sessions.pop(_digest(token), None)

    def close_all_of(self, user: str) -> None:
        self._sessions = {key: one for key, one in self._sessions.items() if one.user != user}

    def _alive(self, session: Session) -> bool:
        now = self._clock()
        return now - session.used < IDLE and now - session.made < LONGEST

    def _drop_old(self) -> None:
        self._sessions = {key: one for key, one in self._sessions.items() if self._alive(one)}


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
