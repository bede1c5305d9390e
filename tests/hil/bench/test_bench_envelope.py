"""The envelope before real hardware, and the past that learners see on virtual time: pure, without a wire."""

from types import SimpleNamespace

import pytest

from agent.core.errors import RefusedError
from agent.core.reading import Quality, Reading, ReadingBlock
from hil.bench.envelope import Bounds, Envelope
from hil.bench.past import Past, PastHistory


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def envelope(**bounds):
    refused, clock = [], Clock()
    made = Envelope({"d.level": Bounds(**bounds)}, clock, lambda *what: refused.append(what))
    made.saw(ReadingBlock("d", ("d.level", "d.mode"), (50.0, 7), 0.0, 0.0))
    return made, clock, refused


def allowed(made, value, point="d.level"):
    try:
        made.check(point, value)
    except RefusedError:
        return False
    return True


@pytest.mark.parametrize(
    ("value", "ok"),
    [(20.0, True), (60.0, True), (19.9, False), (60.1, False), (float("nan"), False), ("x", False)],
)
def test_only_what_is_inside_passes(value, ok):
    made, _, refused = envelope(low=20.0, high=60.0)
    assert allowed(made, value) is ok
    assert bool(refused) is not ok


def test_a_point_without_a_line_is_not_written_but_may_be_put_back():
    made, _, _ = envelope(low=0.0, high=100.0)
    assert not allowed(made, 8, "d.mode")
    assert allowed(made, 7, "d.mode")


def test_a_rate_is_held_from_where_it_stood_and_does_not_add_up():
    made, clock, _ = envelope(low=0.0, high=100.0, rate=10.0)
    clock.now = 100.0
    assert not allowed(made, 61.0), "more than one second's worth at once"
    assert allowed(made, 60.0)
    clock.now = 100.5
    assert not allowed(made, 66.0)
    assert allowed(made, 65.0)


def test_aborted_only_what_was_found_goes_out():
    made, _, _ = envelope(low=0.0, high=100.0)
    assert allowed(made, 80.0)
    made.saw(ReadingBlock("d", ("d.level",), (80.0,), 1.0, 1.0))  # our own value is not the way back
    made.closed = True
    assert not allowed(made, 70.0)
    assert allowed(made, 50.0)


def test_a_bad_reading_is_no_way_back():
    made, _, _ = envelope(low=0.0, high=100.0)
    made.saw(ReadingBlock("d", ("d.level",), (99.0,), 1.0, 1.0, (Quality.BAD,), "nonsense"))
    made.closed = True
    assert not allowed(made, 99.0)


def test_learners_see_means_of_what_was_sampled_and_nothing_older_than_the_run():
    utc, past = [0.0], Past(60.0)
    table = SimpleNamespace(reading=lambda _point: Reading(utc[0] / 100.0, utc[0], utc[0]))
    lesson = SimpleNamespace(area="a", learning=SimpleNamespace(window=7200.0))
    loop = SimpleNamespace(setup=SimpleNamespace(model=SimpleNamespace(points={"d.x": None})))
    parts = SimpleNamespace(
        clock=SimpleNamespace(utc=lambda: utc[0]),
        table=table,
        loops={"a": loop},
        planning=SimpleNamespace(lessons={"p": lesson}),
    )
    past.follow(parts)
    for minute in range(600):
        utc[0] = 90_000.0 + minute * 60.0
        past.sample(parts)
    history = PastHistory(past, SimpleNamespace(until=utc[0], window=7200.0))
    column = history.columns(("d.x", "d.y"), 900.0)["d.x"]
    assert column.step == 900.0
    assert column.values[2] == pytest.approx((column.start + 2 * 900.0 + 300.0) / 100.0)
    assert len(past.times) < 7200.0 / 300.0 * 1.2 + 2
    assert PastHistory(past, SimpleNamespace(until=utc[0], window=1e9)).since == past.times[0]
