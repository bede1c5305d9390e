"""policies.lighting.tidal: the tide by clock, kind of day and traffic, and never less than the limit where somebody is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agent.core.serial import to_plain
from agent.core.snapshot import Artefact
from policies.lighting.tidal import Tidal
from policies.lighting.traffic import HOURS, LEARNING, LampTraffic
from tests.policies.snapshots import Bench, bad, machine, model

ROWS = [
    # UTC, what: Shenzhen is eight hours ahead
    (datetime(2025, 3, 5, 4, tzinfo=UTC), 50.0, "busy hours of a working day until 22:00"),
    (datetime(2025, 3, 5, 13, 59, tzinfo=UTC), 50.0, "busy hours"),
    (datetime(2025, 3, 5, 14, tzinfo=UTC), 25.0, "quiet hours of a working day until 07:00"),
    (datetime(2025, 3, 4, 22, 59, tzinfo=UTC), 25.0, "quiet hours"),
    (datetime(2025, 3, 8, 0, tzinfo=UTC), 25.0, "quiet hours of a day off until 09:00"),  # Saturday, 8:00
    (datetime(2025, 10, 1, 0, tzinfo=UTC), 25.0, "day off"),  # National Day, a Wednesday
    (datetime(2025, 10, 11, 0, tzinfo=UTC), 50.0, "working day"),  # a Saturday that makes up for it
]


def hall(**parameters):
    groups = (
        machine("hall", "lamp_group", ("presence", "lamp_level")),
        machine("corridor", "lamp_group", ("lamp_level",)),
    )
    return Bench(Tidal(name="tide", **parameters), model(*groups), {"hall.presence": False})


@pytest.mark.parametrize(("when", "level", "words"), ROWS, ids=str)
def test_table(when, level, words):
    bench = hall()
    assert bench.run(utc=when.timestamp()) == {"hall.lamp_level": level, "corridor.lamp_level": level}
    assert words in bench.reason("hall.lamp_level")


NIGHT = datetime(2025, 3, 5, 18, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(("seen", "level"), [(True, 88.0), (False, 25.0), (bad(), 88.0)], ids=str)
def test_where_somebody_is_or_may_be_the_limit_holds(seen, level):
    bench = hall(presence_level=88.0)
    bench.values["hall.presence"] = seen
    assert bench.run(utc=NIGHT) == {"hall.lamp_level": level, "corridor.lamp_level": 25.0}


def test_busy_hours_that_are_brighter_than_the_limit_stay_so():
    bench = hall(presence_level=40.0)
    bench.values["hall.presence"] = True
    assert bench.run(utc=ROWS[0][0].timestamp())["hall.lamp_level"] == 50.0


def test_a_clock_that_is_not_trusted_is_busy():
    bench = hall()
    assert set(bench.run(utc=NIGHT, utc_trusted=False).values()) == {50.0}
    assert "not trusted" in bench.reason("hall.lamp_level")


@pytest.mark.parametrize(("share", "level"), [(0.0, 25.0), (0.05, 40.0), (0.1, 50.0), (0.8, 50.0)])
def test_learned_traffic_takes_the_place_of_the_clock_where_it_is_known(share, level):
    bench = hall()
    content = to_plain(LampTraffic(shares={"hall": {"working": (share,) * HOURS}}))
    known = {"tide": Artefact(LEARNING.kind, LEARNING.version, 0.0, f"of {share}", content, NIGHT)}
    assert bench.run(utc=NIGHT, artefacts=known) == {"hall.lamp_level": level, "corridor.lamp_level": 25.0}
    assert "% of the time" in bench.reason("hall.lamp_level")


def test_only_the_groups_it_is_given():
    assert set(hall(groups=("corridor",)).run()) == {"corridor.lamp_level"}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"calendar": "moon"}, "calendar must be"),
        ({"busy_from": "7"}, "HH:MM"),
        ({"busy_from": "22:00"}, "no length"),
        ({"quiet_level": 60.0}, "above"),
    ],
)
def test_wrong_words_are_told(wrong, words):
    with pytest.raises(ValueError, match=words):
        Tidal(name="tide", **wrong)
