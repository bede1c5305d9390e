"""Artefacts: made once, known by their digest, judged by their age."""

from dataclasses import dataclass
from typing import ClassVar

import pytest

from agent.calc.columns import MemoryHistory
from agent.core.equipment import Area, AreaModel, Authority, Place
from agent.core.learning import Learner, Learning, digest_of, learner_of, run_learner
from agent.core.serial import from_plain, to_plain
from agent.core.snapshot import Artefact, Snapshot

MODEL = AreaModel(
    area=Area(id="a"), place=Place(name="", latitude=0, longitude=0, timezone="UTC"), equipment={}, points={}
)
PAST = MemoryHistory(model=MODEL, since=0.0, until=900.0)


@dataclass(frozen=True, slots=True)
class Curve:
    points: tuple[float, ...]
    note: str = "x"


@dataclass(frozen=True, slots=True)
class Fits:
    """Hands back what it is made with."""

    learning: ClassVar[Learning] = Learning(kind="curve", version=3)
    content: object
    name: str = "fits"

    def learn(self, history):
        assert history is PAST
        return self.content


def test_what_is_learned_is_plain_dated_and_named_by_its_content():
    made = run_learner(Fits(Curve((1.0, 2.5))), PAST, 77.0)
    assert made == Artefact("curve", 3, 77.0, made.digest, {"points": [1.0, 2.5], "note": "x"}, 900.0)
    assert from_plain(Curve, made.content) == Curve((1.0, 2.5))
    assert from_plain(Artefact, to_plain(made)) == made
    assert made.digest == digest_of({"note": "x", "points": [1.0, 2.5]})  # the order of the keys says nothing
    assert made.digest != run_learner(Fits(Curve((1.0, 2.6))), PAST, 77.0).digest


@pytest.mark.parametrize("content", [object(), {"a": {1, "b"}}, b"bytes"])
def test_what_is_no_data_is_no_artefact(content):
    with pytest.raises((TypeError, ValueError)):
        run_learner(Fits(content), PAST, 0.0)


def test_who_learns():
    assert isinstance(Fits(None), Learner)
    assert learner_of(Fits(None)) is not None
    assert learner_of(Curve(())) is None


def picture(artefact, *, elapsed=100.0, utc=1000.0, trusted=True):
    return Snapshot(
        model=MODEL,
        readings={},
        utc=utc,
        utc_trusted=trusted,
        elapsed=elapsed,
        authority=Authority.AGENT,
        artefacts={"fits": artefact},
    )


@pytest.mark.parametrize(
    ("elapsed", "utc", "trusted", "age"),
    [
        (100.0, 940.0, True, 40.0),
        (100.0, 930.0, True, 40.0),  # set back
        (100.0, 5000.0, True, 4100.0),  # the box was off
        (100.0, 5000.0, False, 40.0),  # or its clock is wrong
        (10.0, 850.0, True, 0.0),
    ],
)
def test_age_counts_time_off_that_is_proved(elapsed, utc, trusted, age):
    made = Artefact("curve", 3, 60.0, "", {}, 900.0)
    assert picture(made, elapsed=elapsed, utc=utc, trusted=trusted).age_of(made) == age


@pytest.mark.parametrize(
    ("name", "kind", "version", "max_age", "found"),
    [
        ("fits", "curve", 3, 40.0, True),
        ("fits", "curve", 3, 39.0, False),
        ("fits", "curve", 2, 40.0, False),
        ("fits", "plan", 3, 40.0, False),
        ("other", "curve", 3, 40.0, False),
    ],
)
def test_only_what_fits_and_is_young_enough_is_known(name, kind, version, max_age, found):
    made = Artefact("curve", 3, 60.0, "", {})
    learned = picture(made).learned(name, kind, version, max_age)
    assert learned is (made if found else None)
