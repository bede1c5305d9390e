from __future__ import annotations

from agent.web import sessions as module
from agent.web.sessions import IDLE, LONGEST, Sessions


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_session_is_found_by_its_cookie_and_by_nothing_else() -> None:
    sessions = Sessions(Clock())
    token, session = sessions.open("wang")
    assert sessions.find(token) == session
    assert sessions.find(token + "x") is None
    assert sessions.find(session.csrf) is None
    assert sessions.find(None) is None
    assert sessions.find("") is None
    assert token not in repr(sessions.__dict__)


def test_idle_sessions_end_and_changes_keep_them_alive() -> None:
    clock = Clock()
    sessions = Sessions(clock)
    token, _ = sessions.open("wang")
    clock.now += IDLE - 1
    assert sessions.find(token) is not None
    sessions.touch(token)
    clock.now += IDLE - 1
    assert sessions.find(token) is not None
    clock.now += 1
    assert sessions.find(token) is None


def test_no_session_outlives_a_shift() -> None:
    clock = Clock()
    sessions = Sessions(clock)
    token, _ = sessions.open("wang")
    for _ in range(int(LONGEST / (IDLE / 2)) + 1):
        clock.now += IDLE / 2
        sessions.touch(token)
    assert sessions.find(token) is None


def test_log_out_ends_it_and_a_new_password_ends_all() -> None:
    sessions = Sessions(Clock())
    first, _ = sessions.open("wang")
    second, _ = sessions.open("wang")
    other, _ = sessions.open("li")
    sessions.close(first)
    assert sessions.find(first) is None
    sessions.close_all_of("wang")
    assert sessions.find(second) is None
    assert sessions.find(other) is not None


def test_the_number_of_sessions_is_bounded(monkeypatch) -> None:
    monkeypatch.setattr(module, "MOST_SESSIONS", 3)
    clock = Clock()
    sessions = Sessions(clock)
    tokens = []
    for _ in range(4):
        clock.now += 1
        tokens.append(sessions.open("wang")[0])
    assert [sessions.find(token) is not None for token in tokens] == [False, True, True, True]
