"""The lease: one box acts, whatever of them is killed, hung, cut off, slow or has its neighbour's number."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.safety.lease import ACT, ROUNDS, SETTLE, WRITE, Lease, Phase, looked, owner, wrote

T = 60.0
ROUND = T / ROUNDS


class Plant:
    """The register, time, and the boxes on it."""

    def __init__(self, *numbers, register=0):
        self.now, self.register = 1000.0, register
        self.boxes = [Lease(box=number, expires=T) for number in numbers]
        self.alive = [True] * len(numbers)
        self.reaches = [True] * len(numbers)

    def look(self, place, *, lands=True):
        value = self.register if self.reaches[place] else None
        self.boxes[place], write = looked(self.boxes[place], value, self.now, 7 + 13 * place)
        if write is not None:
            if self.reaches[place] and lands:
                self.register = write
            self.boxes[place] = wrote(self.boxes[place], self.now)

    def run(self, seconds):
        """Rounds of all that are alive; never two that act."""
        for _ in range(round(seconds / ROUND)):
            for place, alive in enumerate(self.alive):
                if alive:
                    self.look(place)
                assert len(self.acting()) <= 1
            self.now += ROUND
            assert len(self.acting()) <= 1

    def acting(self):
        return [place for place, one in enumerate(self.boxes) if one.acts(self.now)]


def test_a_free_one_is_taken_after_a_wait_and_renewed_for_ever():
    plant = Plant(1)
    plant.look(0)
    assert (plant.boxes[0].phase, owner(plant.register), plant.acting()) == (Phase.CLAIMING, 1, [])
    plant.run(SETTLE * T + 2 * ROUND)
    assert plant.acting() == [0]
    seen = set()
    for _ in range(20):
        plant.run(ROUND)
        seen.add(plant.register)
        assert plant.acting() == [0]
    assert len(seen) == 20
    assert plant.boxes[0].holder == 1


def test_of_two_that_come_at_once_one_acts():
    plant = Plant(1, 2)
    plant.run(5 * T)
    assert len(plant.acting()) == 1


def test_the_other_takes_over_from_a_dead_one_when_it_has_run_out_and_not_earlier():
    plant = Plant(1, 2)
    plant.run(2 * T)
    [first] = plant.acting()
    plant.alive[first] = False
    died = plant.now
    plant.run(T - 2 * ROUND)
    assert plant.acting() == []
    plant.run(T)
    assert plant.acting() == [1 - first]
    assert plant.now - died <= 2 * T
    plant.alive[first] = True  # it hung, and wakes
    assert not plant.boxes[first].acts(plant.now)
    plant.run(T)
    assert plant.acting() == [1 - first]
    assert plant.boxes[first].phase is Phase.WATCHING


def test_one_that_is_cut_off_stops_acting_gives_back_and_has_ended_before_the_other_begins():
    plant = Plant(1, 2)
    plant.run(2 * T)
    [first] = plant.acting()
    plant.reaches[first] = False
    plant.run((ACT + 0.1) * T)
    assert plant.acting() == []
    assert plant.boxes[first].may_write(plant.now)  # to give back
    plant.run((WRITE - ACT) * T)
    assert not plant.boxes[first].may_write(plant.now)
    assert owner(plant.register) == plant.boxes[first].box
    plant.run(T)
    assert plant.acting() == [1 - first]


def test_a_device_that_takes_no_beat_any_more_is_no_lease():
    plant = Plant(1)
    plant.run(2 * T)
    for _ in range(round((ACT * T) / ROUND) + 3):
        plant.look(0, lands=False)
        plant.now += ROUND
    assert plant.acting() == []


def test_one_beat_that_did_not_arrive_is_written_again():
    plant = Plant(1)
    plant.run(2 * T)
    before = plant.register
    plant.look(0, lands=False)
    assert plant.register == before
    plant.now += ROUND
    plant.look(0)
    assert plant.register != before
    assert plant.acting() == [0]


def test_two_with_one_number_are_found_out_and_at_most_one_goes_on():
    plant = Plant(3, 3)
    plant.run(3 * T)
    phases = [one.phase for one in plant.boxes]
    assert phases.count(Phase.HOLDING) <= 1
    plant.boxes[0] = replace(
        plant.boxes[0], phase=Phase.HOLDING, confirmed=plant.now, written=3001, before=3000
    )
    plant.register = 3777
    plant.look(0)
    assert (plant.boxes[0].phase, plant.acting()) == (Phase.TWIN, [])
    plant.register = 0
    plant.run(T)
    assert plant.boxes[0].phase is Phase.TWIN  # never again in this run


def test_its_own_number_from_an_earlier_run_is_waited_for_like_any():
    plant = Plant(1, register=1234)
    plant.run(T - ROUND)
    assert plant.boxes[0].phase is Phase.WATCHING
    plant.run(T)
    assert plant.acting() == [0]


def test_a_register_that_cannot_be_read_is_never_taken():
    plant = Plant(1, register=2005)
    plant.run(T - 2 * ROUND)
    plant.reaches[0] = False
    plant.run(5 * T)
    plant.reaches[0] = True
    plant.run(T - ROUND)  # the look begins anew
    assert plant.boxes[0].phase is Phase.WATCHING


def test_a_claim_that_was_too_long_on_its_way_does_not_count():
    claim, write = looked(Lease(box=1, expires=T), 0, 100.0, 7)
    assert write == 1007
    assert wrote(claim, 101.0) is claim
    late = wrote(claim, 100.0 + SETTLE * T)
    assert late.phase is Phase.WATCHING
    again, write = looked(late, 1007, 120.0, 7)
    assert (again.phase, write) == (Phase.WATCHING, None)


def test_whoever_reads_another_name_while_it_holds_lets_go_at_once():
    """A write of another box that was long on its way."""
    plant = Plant(1)
    plant.run(2 * T)
    plant.register = 2042
    plant.look(0)
    assert (plant.boxes[0].phase, plant.acting(), plant.boxes[0].holder) == (Phase.WATCHING, [], 2)
    assert not plant.boxes[0].may_write(plant.now)


def test_one_that_hung_while_it_held_looks_first():
    held = Lease(box=1, expires=T, phase=Phase.HOLDING, confirmed=100.0, written=1008, before=1007, seen=1007)
    assert not held.acts(100.0 + T)
    back, write = looked(held, 1008, 100.0 + T, 7)
    assert (back.phase, write) == (Phase.WATCHING, None)


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.integers(0, 2),  # which box
            st.sampled_from(["look", "look", "look", "lost", "cut", "heal"]),
            st.floats(0.01, ROUND),
        ),
        max_size=120,
    ),
    st.sampled_from([0, 1500, 2001, 9999]),
)
def test_never_two_in_whatever_order_they_look_and_fail(steps, register):
    """A write lands at once or not at all; between the looks of one box any time may pass."""
    plant = Plant(1, 2, 3, register=register)
    for place, what, seconds in steps:
        plant.now += seconds * 4
        if what in ("cut", "heal"):
            plant.reaches[place] = what == "heal"
        else:
            plant.look(place, lands=what == "look")
        assert len(plant.acting()) <= 1
        writing = [one for one in plant.boxes if one.may_write(plant.now)]
        assert not plant.acting() or len(writing) <= 1


@pytest.mark.parametrize("share", [ACT, WRITE])
def test_whoever_may_still_write_has_ended_before_another_may_begin(share):
    assert share + SETTLE < 1.0
