from __future__ import annotations

import pytest

from agent.web import backoff as module
from agent.web.backoff import FORGET_AFTER, FREE_FAILURES, Backoff, Pace


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_few_mistakes_are_free_then_waits_double_up_to_the_longest() -> None:
    clock = Clock()
    backoff = Backoff(60.0, clock)
    waits = []
    for _ in range(FREE_FAILURES + 8):
        backoff.failed("wang")
        waits.append(backoff.wait("wang"))
        clock.now += waits[-1]
    assert waits == [0.0] * FREE_FAILURES + [2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]
    assert backoff.wait("li") == 0.0


def test_waiting_passes_and_success_forgives() -> None:
    clock = Clock()
    backoff = Backoff(60.0, clock)
    for _ in range(FREE_FAILURES + 3):
        backoff.failed("wang")
    assert backoff.wait("wang") == 8.0
    clock.now = 5.0
    assert backoff.wait("wang") == 3.0
    backoff.succeeded("wang")
    assert backoff.wait("wang") == 0.0


def test_old_failures_are_forgotten() -> None:
    clock = Clock()
    backoff = Backoff(60.0, clock)
    for _ in range(FREE_FAILURES):
        backoff.failed("wang")
    clock.now += FORGET_AFTER + 1
    backoff.failed("wang")
    assert backoff.wait("wang") == 0.0


def test_a_flood_of_names_does_not_fill_the_memory(monkeypatch) -> None:
    monkeypatch.setattr(module, "MOST_KEYS", 10)
    backoff = Backoff(60.0, Clock())
    for number in range(50):
        backoff.failed(str(number))
    assert len(backoff._failures) == 10
    assert "49" in backoff._failures


def test_pace_allows_a_burst_and_then_a_rate() -> None:
    clock = Clock()
    pace = Pace(3.0, 2.0, clock)
    assert [pace.wait("wang") for _ in range(3)] == [0.0, 0.0, 0.0]
    assert pace.wait("wang") == pytest.approx(0.5)
    assert pace.wait("li") == 0.0
    clock.now = 0.5
    assert pace.wait("wang") == 0.0
    assert pace.wait("wang") > 0.0
