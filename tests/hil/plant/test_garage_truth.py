"""The garage as a plant: the same truth for every step size, darkness counted to the hundredth of a second."""

from datetime import UTC, date, datetime, timedelta

import pytest

from hil.plant.garage import Garage, GarageDesign
from hil.plant.garage_days import DAY, GarageDays, Happening
from hil.plant.garage_sites import HallDesign, hall_map
from hil.plant.garage_watch import DarkWatch
from hil.plant.lamp import TUBE_18W
from hil.plant.radar import RadarDesign
from hil.plant.traffic import Traffic, TrafficDesign
from hil.plant.variables import Outputs

START = datetime(2026, 7, 13, 7, tzinfo=UTC).timestamp()  # Monday 15:00 in Shenzhen
SMALL = hall_map(HallDesign(aisles=2, pieces=2, ramp_pieces=1, ramp_lamps=10))
FLOOR = {f"{group.name}.lamp_level": 5.0 for group in SMALL.groups}
COUNTS = ("crossings", "dark_arrivals", "appearances", "late_appearances")


def garage(start: float = START, **changes: object) -> Garage:
    usual: dict[str, object] = {"plan": SMALL, "traffic": TrafficDesign(cars=300.0)}
    return Garage(
        GarageDesign(**(usual | changes)),  # type: ignore[arg-type]
        start,
        utc_offset=timedelta(hours=8),
        seed=4,
    )


def run(plant: Garage, seconds: float, step: float | None, commands: dict[str, float]) -> Outputs:
    """With `step` None from event to event."""
    done, out = 0.0, plant.outputs()
    while done < seconds - 1e-6:
        dt = min(max(plant.next_event(), 1e-4) if step is None else step, seconds - done)
        out = plant.step(dt, commands)
        done += dt
    return out


@pytest.mark.parametrize("step", [None, 60.0, 0.7, 4 * 3600.0])
def test_the_step_changes_nothing(step: float | None) -> None:
    reference = run(garage(), 4 * 3600.0, 13.0, FLOOR)
    other = run(garage(), 4 * 3600.0, step, FLOOR)
    assert float(reference["garage.dark_seconds"]) > 100.0
    for name, value in reference.items():
        assert float(other[name]) == pytest.approx(float(value), rel=1e-6, abs=1e-6), name


def test_lamps_that_nobody_commands_burn_and_nobody_is_in_the_dark() -> None:
    out = run(garage(), 4 * 3600.0, 600.0, {})
    lamps = SMALL.lamp_count
    assert out["garage.power"] == pytest.approx(lamps * 16.0 / 1e3)
    assert float(out["garage.energy"]) - 8400.0 == pytest.approx(lamps * 16.0 * 4 / 1e3)
    assert out["garage.before_energy"] == pytest.approx(lamps * 25.1 * 4 / 1e3)
    assert out["garage.crossings"] > 500.0
    for name in ("dark_arrivals", "dark_seconds", "late_appearances"):
        assert out["garage." + name] == 0.0


def test_tubes_take_what_was_metered_before() -> None:
    out = run(garage(lamp=TUBE_18W), 3600.0, 600.0, FLOOR)
    assert float(out["garage.energy"]) - 8400.0 == pytest.approx(out["garage.before_energy"], rel=1e-9)


def test_everybody_in_a_dark_garage_is_counted() -> None:
    out = run(garage(), 4 * 3600.0, None, FLOOR)
    assert out["garage.dark_arrivals"] == out["garage.crossings"]
    assert out["garage.late_appearances"] > 0.9 * float(out["garage.appearances"]) - 5.0
    floor = SMALL.lamp_count * (0.4 + 15.6 * 0.05) * 4 / 1e3
    assert float(out["garage.energy"]) - 8400.0 == pytest.approx(floor, rel=0.001)
    assert float(out["garage.exact_energy"]) > floor


def follow(plant: Garage, seconds: float) -> Outputs:
    """Lamps that follow people exactly, by the truth."""
    done, out, commands = 0.0, plant.outputs(), dict(FLOOR)
    while done < seconds - 1e-6:
        for group in SMALL.groups:
            commands[f"{group.name}.lamp_level"] = 100.0 if out[f"{group.name}.occupied"] else 5.0
        dt = min(max(plant.next_event(), 1e-4), seconds - done)
        out = plant.step(dt, commands)
        done += dt
    return out


def test_lamps_that_follow_people_exactly_take_the_exact_energy() -> None:
    out = follow(garage(every_crossing=True), 4 * 3600.0)
    taken = float(out["garage.energy"]) - 8400.0
    assert taken == pytest.approx(float(out["garage.exact_energy"]), rel=0.01)  # fades of half a second apart
    crossings = float(out["garage.crossings"])
    assert out["garage.dark_arrivals"] > 0.9 * crossings, "they come too late all the same: no look ahead"
    assert 0.3 < float(out["garage.first_appearance_delay"]) < 0.6, "as long as the fade takes"
    assert out["garage.late_appearances"] == 0.0
    assert out["garage.dark_seconds"] == 0.0


def test_next_event_is_when_a_radar_changes_and_not_before() -> None:
    plant = garage(radar=RadarDesign(misses=0.0, false_alarms=0.0))
    for _ in range(200):
        before = {k: v for k, v in plant.outputs().items() if k.endswith(".presence")}
        wait = plant.next_event()
        assert wait > 0.0
        if wait > 2e-3:
            still = plant.step(wait - 1e-3, {})
            assert {k: still[k] for k in before} == before
            wait = 1e-3
        after = plant.step(wait, {})
        assert any(after[k] != before[k] for k in before)


def test_whoever_is_there_is_seen() -> None:
    plant = garage(radar=RadarDesign(misses=0.0, false_alarms=0.0))
    moments = unseen = 0
    for _ in range(2 * 3600 * 2):
        out = plant.step(0.5, {})
        for group in SMALL.groups:
            if out[f"{group.name}.occupied"]:
                moments += 1
                unseen += not out[f"{group.name}.presence"]
    assert moments > 1000
    assert unseen / moments < 0.1, "only the first instants and the bay's far corners"


def test_a_run_may_begin_at_any_hour_of_the_same_day() -> None:
    early, late = garage(START), garage(START + 5400.0)
    run(early, 5400.0, 60.0, FLOOR)
    assert early.watch.people == late.watch.people
    ours, theirs = early.step(1.0, FLOOR), late.step(1.0, FLOOR)
    seen = [k for k in ours if k.endswith((".presence", ".occupied"))]
    assert {k: ours[k] for k in seen} == {k: theirs[k] for k in seen}


def test_nobody_gets_lost_at_midnight() -> None:
    busy = TrafficDesign(cars=2000.0, arrivals=(1.0,) * 24, departures=(1.0,) * 24)
    plant = garage(START + 9 * 3600.0 - 600.0, traffic=busy)  # ten minutes to midnight
    people = [float(run(plant, 60.0, 60.0, {})["garage.people"]) for _ in range(20)]
    assert min(people[5:]) > 0.0
    whole = garage(START + 9 * 3600.0 - 600.0, traffic=busy)
    assert whole.step(1200.0, {}) == pytest.approx(plant.outputs(), rel=1e-9)


def test_what_reaches_over_midnight_is_carried_to_the_second() -> None:
    busy = TrafficDesign(cars=3000.0, arrivals=(1.0,) * 24, departures=(1.0,) * 24)
    calm = RadarDesign(misses=0.0, false_alarms=0.0)
    traffic, day = Traffic(busy, SMALL, 4), date(2026, 7, 13)
    days = GarageDays(SMALL, traffic, calm, 4)
    days.day(day)
    after = days.day(day + timedelta(days=1))
    late = [one for one in traffic.movements(day) if one.ends > DAY]
    assert len(late) > 3
    for movement in late:
        group, _, leaves = list(movement.visits())[-1]
        assert (leaves - DAY, Happening.LEAVES, group) in after.visits
        off = leaves - DAY + calm.hold
        gone = [time for time, what, where in after.edges if (what, where) == (Happening.UNSEEN, group)]
        assert any(off - 1.0 <= time for time in gone), "its radar goes off no earlier"
        assert min(gone) < 3600.0


def test_before_and_after_midnight_the_same_clock_runs() -> None:
    evening, morning = garage(START + 8.9 * 3600.0), garage(START + 9.5 * 3600.0)
    evening.step(0.6 * 3600.0, {})
    assert evening.watch.people == morning.watch.people
    assert evening.next_event() == pytest.approx(morning.next_event(), abs=1e-5)


def test_a_radar_holds_on_for_as_long_as_its_module_says() -> None:
    walks = TrafficDesign(cars=0.0, wanderers=200.0)

    def lit(hold: float) -> tuple[int, float]:
        design = RadarDesign(misses=0.0, false_alarms=0.0, hold=hold)
        edges = GarageDays(SMALL, Traffic(walks, SMALL, 4), design, 4).day(date(2026, 7, 13)).edges
        on = sum(-time if what is Happening.SEEN else time for time, what, _ in edges)
        return len(edges) // 2, on

    (visits, short), (_, long) = lit(0.5), lit(1.0)
    assert long - short == pytest.approx(0.5 * visits, rel=0.05), "half a second more for each time it was on"


def test_light_carried_on_by_differences_stays_the_light_of_the_lamps() -> None:
    plant, keys = garage(), list(FLOOR)
    commands = dict(FLOOR)
    for turn in range(500):
        commands[keys[turn % len(keys)]] = float(turn * 37 % 101)
        plant.step(0.3, commands)
    out = plant.outputs()
    for name, (mean, _) in plant.survey().items():
        assert out[f"{name}.illuminance"] == pytest.approx(mean, abs=1e-9)
    power = sum(float(out[f"{group.name}.power"]) for group in SMALL.groups)
    assert out["garage.power"] == pytest.approx(power, rel=1e-9)


def test_what_can_break_breaks_and_can_be_mended() -> None:
    plant = garage()
    lit = float(plant.outputs()["aisle_1_1.illuminance"])
    plant.fail("aisle_1_1.lamps_out", 0.5)
    assert float(plant.outputs()["aisle_1_1.illuminance"]) < 0.7 * lit
    assert plant.outputs()["aisle_1_1.power"] == pytest.approx(0.5 * 4 * 16.0 / 1e3)
    assert plant.outputs()["garage.power"] == pytest.approx((SMALL.lamp_count - 2) * 16.0 / 1e3)
    plant.mend("aisle_1_1.lamps_out")
    assert plant.outputs()["aisle_1_1.illuminance"] == pytest.approx(lit)
    plant.fail("aisle_1_1.radar_stuck")
    plant.fail("ramp_1.radar_dead")
    rows = [plant.step(10.0, {}) for _ in range(360)]
    assert all(row["aisle_1_1.presence"] for row in rows)
    assert not any(row["ramp_1.presence"] for row in rows)
    assert any(row["ramp_1.occupied"] for row in rows)
    with pytest.raises(KeyError):
        plant.fail("nobody.radar_dead")


def test_variables_are_described() -> None:
    known = garage().variables()
    assert known["aisle_1_1.lamp_level"].input
    assert (known["aisle_1_1.illuminance"].unit, known["garage.dark_seconds"].unit) == ("lx", "s")


def test_a_dark_spell_is_counted_to_the_second() -> None:
    watch = DarkWatch(2, limit=65.0, allowance=1.0)
    watch.appears(0, 10.0, lux=5.0)
    watch.passes(0, 10.0, 12.0, 5.0, 5.0)
    assert (watch.count.dark_seconds, watch.count.dark_longest) == (1.0, 2.0)
    watch.passes(0, 12.0, 14.0, 5.0, 125.0)  # 65 lx is reached half-way
    watch.crosses(0, 14.0, 125.0)
    watch.leaves(0, 14.5)
    watch.passes(0, 14.5, 20.0, 125.0, 125.0)
    count = watch.count
    assert (count.dark_seconds, count.dark_longest) == (
        pytest.approx(2.0, abs=1e-5),
        pytest.approx(3.0, abs=1e-5),
    )
    assert (count.crossings, count.dark_arrivals, count.appearances, count.late_appearances) == (1, 0, 1, 1)
    assert count.first_appearance_delay == pytest.approx(3.0, abs=1e-5)


def test_an_arrival_in_the_dark_and_light_that_goes_too_early() -> None:
    watch = DarkWatch(2, limit=65.0, allowance=1.0)
    watch.crosses(1, 0.0, lux=64.9)
    watch.leaves(1, 0.5)
    assert (watch.count.dark_arrivals, watch.count.dark_seconds) == (1, 0.0)
    watch.crosses(0, 0.0, lux=75.0)
    watch.passes(0, 0.0, 4.0, 75.0, 35.0)  # below 65 after one second
    assert watch.count.dark_seconds == pytest.approx(2.0, abs=1e-5)
    watch.leaves(0, 4.0)
    assert watch.occupied == set()
    assert watch.count.dark_longest == pytest.approx(3.0, abs=1e-5)


def test_judged_at_the_worst_place_more_is_asked_for() -> None:
    lone = {**FLOOR, "aisle_1_1.lamp_level": 100.0}
    mean, worst = garage(), garage(worst_place=True)
    for plant in (mean, worst):
        plant.step(5.0, lone)
    group = [one.name for one in SMALL.groups].index("aisle_1_1")
    assert worst.lights.lux(group) < 65.0 < mean.lights.lux(group)
    assert worst.survey()["aisle_1_1"][1] == worst.lights.lux(group)
