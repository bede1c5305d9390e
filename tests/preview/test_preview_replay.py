"""Recorded days decided once more: what differs, for how long, how well the replay knows the past, and what it must not hide."""

import pytest

from agent.control.preview_job import job_text, read_answer, read_job
from agent.preview.lines import thinned
from agent.preview.replay import replay
from tests.preview.past_of_a_pump import MONDAY, ByLoad, decided, job, keep, load_at, readings

HOUR = 3600.0


def steady(_utc):
    return True


def full(_utc):
    return 100.0


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Three days as ByLoad(above=50) decided them, with a gap of four hours in the second night."""
    changes = [(MONDAY, "io.speed", 60.0), (MONDAY, "io.enable", load_at(MONDAY + 60.0) > 50.0)]
    for day in range(3):
        changes.append((MONDAY + day * 86_400.0 + 43_200.0, "io.enable", False))
        changes.append((MONDAY + (day + 1) * 86_400.0 + 60.0, "io.enable", True))
    blocks = [
        *readings(3.0, enable=steady, speed=full, gap=(30 * HOUR, 34 * HOUR)),
        *decided(one for one in changes if one[0] < MONDAY + 3 * 86_400.0),
    ]
    return keep(tmp_path_factory.mktemp("past") / "p.db", blocks)


def test_the_same_parameters_change_nothing_and_agree_with_what_was_decided_then(store):
    found = replay(job("replay", store, 3.0))
    assert found.points == ()
    assert set(found.same) == {"io.enable", "io.speed"}
    assert found.agreement > 0.99
    assert found.hours == pytest.approx(72.0 - 3.0, abs=0.1)  # a value holds for an hour into the gap
    assert found.hours_missing == pytest.approx(3.0, abs=0.1)


def test_another_threshold_is_seen_with_its_hours_and_times(store):
    found = replay(job("replay", store, 3.0, changed=ByLoad(above=65.0)))
    [enable] = found.points
    # sin x > 0.5 lasts 8 of the 12 hours for which sin x > 0: 4 hours a day less
    assert enable.point == "io.enable"
    assert enable.hours_differing == pytest.approx(12.0 - 1.0, abs=1.1)
    assert enable.mean_old > enable.mean_new
    begin, end, old, new = enable.segments[0]
    assert (old, new) == (True, False)
    assert begin == pytest.approx(MONDAY + 60.0, abs=120.0)
    assert end == pytest.approx(MONDAY + 2 * HOUR, abs=120.0)
    assert (enable.changes_old, enable.changes_new) == (5, 6)  # it begins off now


def test_a_set_value_that_differs_all_the_time_is_one_stretch(store):
    found = replay(job("replay", store, 1.0, changed=ByLoad(speed=45.0)))
    [speed] = found.points
    assert (speed.segments_total, speed.mean_old, speed.mean_new) == (1, 60.0, 45.0)
    assert speed.hours_differing == pytest.approx(24.0, abs=0.1)


def test_timers_of_a_policy_count_the_steps_of_the_replay_whatever_the_areas_tick(store):
    """An hour's delay takes an hour, though a step is six ticks of the area, and three ticks are the policy's patience."""
    found = replay(job("replay", store, 1.0, changed=ByLoad(delay=3600.0)))
    [enable] = found.points
    assert enable.hours_differing == pytest.approx(1.0, abs=0.1)


def test_what_was_decided_before_the_window_and_still_held_is_known(tmp_path):
    blocks = [
        *readings(0.5, enable=steady, speed=full, begin=MONDAY + 3 * 86_400.0),
        *decided([(MONDAY, "io.speed", 60.0)]),  # three days before
    ]
    found = replay(job("replay", keep(tmp_path / "p.db", blocks), 0.5, begin=MONDAY + 3 * 86_400.0))
    assert found.agreement == 1.0


def test_parameters_under_which_the_policy_fails_are_said(store):
    found = replay(job("replay", store, 0.2, changed=ByLoad(above=99.0)))
    [fault] = found.faults
    assert fault.startswith("by_load fails under the new parameters: ZeroDivisionError: no such load")


def test_other_parameters_in_those_days_are_seen_in_the_agreement(store, tmp_path):
    blocks = [
        *readings(1.0, enable=steady, speed=full),
        *decided([(MONDAY, "io.speed", 90.0), (MONDAY, "io.enable", True)]),
    ]
    found = replay(job("replay", keep(tmp_path / "other.db", blocks), 1.0))
    assert found.agreement < 0.3


def test_a_past_that_is_not_there_is_not_replayed(tmp_path):
    found = replay(job("replay", keep(tmp_path / "empty.db", []), 1.0))
    assert (found.hours, found.agreement, found.points) == (0.0, None, ())
    assert found.hours_missing == pytest.approx(24.0, abs=0.1)


def test_job_and_answer_come_back_from_their_text_as_they_were(store):
    asked = job("replay", store, 0.5, changed=ByLoad(speed=45.0))
    assert read_job(job_text(asked)) == asked
    import json

    from agent.control.preview_job import Replay
    from agent.core.serial import to_plain

    found = replay(asked)
    assert read_answer(json.dumps({"result": to_plain(found)}).encode(), Replay) == found


def test_a_long_line_is_thinned_and_keeps_its_ends():
    line = [(float(n), float(n % 7)) for n in range(5000)]
    few = thinned(line, 100)
    assert len(few) == 100
    assert (few[0], few[-1]) == (line[0], line[-1])
