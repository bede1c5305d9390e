"""Modes and tuning on a running area: layers, probation, undo, alarms, restarts, the calendar; nothing of a policy is lost."""

import asyncio
import datetime as dt
from dataclasses import dataclass, replace
from typing import ClassVar

import pytest

from agent.app.front import console_of
from agent.app.watch import Watch
from agent.console.unknown_name import UnknownNameError
from agent.control.mode_calendar import mode_of_the_hour
from agent.core.command import Command
from agent.core.equipment import Authority
from agent.core.parameter import parameter
from agent.core.tuning import Layer, Mode, Span, Tuning, carried, effective, pruned
from hil.virtual_time import START_UTC, run_virtual
from tests.control.fake_store import DiskRefusesError, FakeStore
from tests.control.small_plant import SmallPlant, Steady

WHO = {"actor": "user:anna", "reason": "a try"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    ticks: int = 0
    above: float = 0.0  # a timer of the condition `speed` is part of


@dataclass(frozen=True, slots=True, kw_only=True)
class Paced(Steady):
    """Steady with two parameters, one of which starts a timer afresh, and a rule of its own."""

    claims: ClassVar[tuple] = ()
    speed: float = parameter(60.0, unit="%", low=0.0, high=100.0, restarts=("above",))
    floor: float = parameter(20.0, unit="%", low=0.0, high=100.0)

    def __post_init__(self):
        if self.floor > self.speed:
            raise ValueError("the floor lies above the speed")

    def initial_state(self):
        return Timed()

    def decide(self, _snapshot, state):
        speed = Command(point="io.speed", value=self.speed, priority=15, source=self.name, reason="steady")
        return [speed], replace(state, ticks=state.ticks + 1, above=state.above + 2.0)


MODES = {
    "saving": Mode(name="saving", help="slow", policies={"steady": {"speed": 45.0}}),
    "enhanced": Mode(name="enhanced", policies={"steady": {"speed": 90.0, "floor": 50.0}}),
}


def virtual(scenario, store=None, **options):
    async def main():
        async with SmallPlant(store=store, **{"policy": Paced(), "modes": MODES} | options) as plant:
            plant.watch = Watch(plant.parts, {})
            await asyncio.sleep(3.0)
            return await scenario(plant, console_of(plant.parts, lambda: None))

    return run_virtual(main())


async def pass_time(plant, seconds):
    """With the look that the agent has once a second."""
    for _ in range(int(seconds // 10)):
        await asyncio.sleep(10.0)
        plant.watch.look()


def speed(plant):
    return plant.driver.values["io.speed"]


def test_a_mode_changes_what_is_written_and_gives_it_back_when_its_time_is_up():
    async def scenario(plant, console):
        await console.set_mode("plant", "saving", seconds=3600.0, **WHO)
        before = plant.loop.memory.states["steady"]
        await pass_time(plant, 30.0)
        assert speed(plant) == 45.0
        assert plant.loop.memory.states["steady"].ticks > before.ticks > 0  # no state is lost
        [area] = console.areas()
        assert (area.mode.name, area.mode.owner, area.mode.reason) == ("saving", "user:anna", "a try")
        assert 3500.0 < area.mode.seconds_left < 3600.0
        assert [one.chosen is not None for one in area.modes] == [True, False]
        await pass_time(plant, 3600.0)
        assert speed(plant) == 60.0
        assert console.areas()[0].mode is None
        ends = [one for one in plant.store.records if one.get("reason") == "its time is up"]
        assert [(one["mode"], one["actor"]) for one in ends] == [("saving", "plantroom")]

    virtual(scenario)


def test_why_names_the_mode_and_the_files_own_value():
    async def scenario(plant, console):
        await console.set_mode("plant", "saving", seconds=None, **WHO)
        await asyncio.sleep(5.0)
        why = console.why("io.speed")
        assert "speed 45 % (mode saving by user:anna; the site file says 60 %)" in why.sentence
        assert [(one["parameter"], one["value"], one["filed"]) for one in why.tuned] == [
            ("speed", 45.0, 60.0)
        ]
        await console.end_mode("plant", **WHO)
        await asyncio.sleep(5.0)
        assert console.why("io.speed").tuned == ()

    virtual(scenario)


def test_a_preview_says_each_parameter_and_each_point_and_changes_nothing():
    async def scenario(plant, console):
        found = console.preview_mode("plant", "enhanced")
        assert [(one.parameter, one.old, one.new) for one in found.parameters] == [
            ("speed", 60.0, 90.0),
            ("floor", 20.0, 50.0),
        ]
        assert [(one.point, one.old, one.new) for one in found.points] == [("io.speed", 60.0, 90.0)]
        assert found.parameters[0].restarts == ("above",)
        tuned = console.preview_tuning("steady", {"floor": 30.0})
        assert ([one.parameter for one in tuned.parameters], tuned.points) == (["floor"], ())
        await pass_time(plant, 20.0)
        assert speed(plant) == 60.0
        assert plant.store.documents("tuning") == {}

    virtual(scenario)


def test_a_timer_of_a_changed_condition_begins_anew_and_others_go_on():
    state = Timed(ticks=7, above=600.0)
    assert carried(Paced(), Paced(speed=50.0), state) == Timed(ticks=7, above=0.0)
    assert carried(Paced(), Paced(floor=30.0), state) == state


def test_the_newest_layer_decides_and_one_that_ends_uncovers_what_lay_under_it():
    async def scenario(plant, console):
        await console.tune("steady", "speed", 55.0, **WHO)
        await console.set_mode("plant", "saving", seconds=600.0, **WHO)
        await pass_time(plant, 10.0)
        assert speed(plant) == 45.0
        await console.try_out("steady", {"speed": 70.0}, seconds=300.0, ends_on=(), **WHO)
        await pass_time(plant, 10.0)
        assert speed(plant) == 70.0
        await pass_time(plant, 310.0)
        assert speed(plant) == 45.0
        await pass_time(plant, 310.0)
        assert speed(plant) == 55.0
        await console.undo_tuning("", **WHO)
        await pass_time(plant, 10.0)
        assert speed(plant) == 60.0
        assert console.tunings() == []

    virtual(scenario)


def test_what_is_confirmed_stays_and_is_undone_by_one_command():
    async def scenario(plant, console):
        made = await console.try_out("steady", {"speed": 70.0}, seconds=300.0, ends_on=("critical",), **WHO)
        assert made.on_probation
        sure = await console.confirm_tuning(made.id, **WHO)
        assert (sure.on_probation, sure.ends_on) == (False, ())
        with pytest.raises(UnknownNameError):
            await console.confirm_tuning(made.id, **WHO)
        await pass_time(plant, 900.0)
        assert speed(plant) == 70.0
        await console.undo_tuning("steady", **WHO)
        await pass_time(plant, 10.0)
        assert speed(plant) == 60.0
        with pytest.raises(ValueError, match="nothing was tuned"):
            await console.undo_tuning("", **WHO)

    virtual(scenario)


@pytest.mark.parametrize(
    ("ends_on", "speed_after"), [(("critical",), 60.0), (("pump*",), 60.0), (("warning",), 70.0), ((), 70.0)]
)
def test_an_alarm_of_the_stated_kind_ends_a_try_at_once(ends_on, speed_after):
    async def scenario(plant, console):
        plant.parts.alarms.stand("old", "pump_1", "critical", "stood before the try")
        await asyncio.sleep(1.0)
        await console.try_out("steady", {"speed": 70.0}, seconds=1e5, ends_on=ends_on, **WHO)
        await pass_time(plant, 20.0)
        assert speed(plant) == 70.0
        plant.parts.alarms.stand("new", "pump_1", "critical", "flow is lost")
        await pass_time(plant, 20.0)
        assert speed(plant) == speed_after
        texts = [one["reason"] for one in plant.store.records if "ended" in one]
        assert texts == (["alarm new: flow is lost"] if speed_after == 60.0 else [])

    virtual(scenario)


def test_all_of_it_survives_a_restart_and_a_probation_goes_on_counting():
    store = FakeStore()

    async def first(plant, console):
        await console.set_mode("plant", "saving", seconds=None, **WHO)
        await pass_time(plant, 10.0)
        await console.try_out("steady", {"floor": 30.0}, seconds=600.0, ends_on=(), **WHO)
        await pass_time(plant, 300.0)
        assert plant.loop.memory.states["steady"].above > 200.0
        plant.parts.recorder.checkpoint(
            plant.loop.memory.last_tick, plant.loop.memory.safety, plant.loop.policies.values(), now=True
        )

    virtual(first, store=store)

    async def second(plant, console):
        assert plant.loop.memory.states["steady"].above > 200.0  # its parameters are those it counted under
        await pass_time(plant, 100.0)
        assert speed(plant) == 45.0
        assert [one.layer for one in console.tunings()] == ["mode", "tuned"]
        assert console.tunings()[1].owner == "user:anna"
        await pass_time(plant, 600.0)
        assert [one.layer for one in console.tunings()] == ["mode"]
        # a mode that the site file has no more ends, the state of the policy with it does not begin anew
        assert plant.loop.memory.states["steady"].ticks > 200

    virtual(second, store=store)

    async def third(_plant, console):
        assert console.tunings() == []

    virtual(third, store=store, modes={})


def test_a_disk_that_refuses_changes_nothing():
    async def scenario(plant, console):
        plant.store.refuses = True
        with pytest.raises(DiskRefusesError):
            await console.set_mode("plant", "saving", seconds=None, **WHO)
        plant.store.refuses = False
        await pass_time(plant, 20.0)
        assert speed(plant) == 60.0
        assert console.tunings() == []

    virtual(scenario)


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        ({"speed": 101.0}, ValueError, "between 0.0 and 100.0"),
        ({"speed": "fast"}, ValueError, "cannot be set"),
        ({"speed": 10.0}, ValueError, "the floor lies above the speed"),
        ({"sped": 10.0}, UnknownNameError, "no parameter 'sped'"),
        ({"name": "x"}, UnknownNameError, "no parameter 'name'"),
    ],
)
def test_what_a_parameter_or_its_policy_does_not_take_is_refused(values, error, words):
    async def scenario(plant, console):
        with pytest.raises(error, match=words):
            await console.try_out("steady", values, seconds=None, ends_on=(), **WHO)
        with pytest.raises(error, match=words):
            console.preview_tuning("steady", values)
        assert plant.store.documents("tuning") == {}

    virtual(scenario)


def test_a_mode_that_does_not_go_with_what_was_tuned_is_refused():
    async def scenario(plant, console):
        await console.tune("steady", "floor", 50.0, **WHO)
        with pytest.raises(ValueError, match="the floor lies above the speed"):
            await console.set_mode("plant", "saving", seconds=None, **WHO)
        with pytest.raises(UnknownNameError):
            await console.set_mode("plant", "savin", seconds=None, **WHO)
        assert plant.loop.policies["steady"].speed == 60.0

    virtual(scenario)


def test_a_layer_that_lost_its_ground_is_left_aside_and_the_rest_holds():
    ground = Tuning(id="t1", layer=Layer.MODE, area="plant", values={"steady": {"speed": 90.0}})
    on_it = Tuning(id="t2", layer=Layer.TUNED, area="plant", values={"steady": {"floor": 80.0}})
    both = effective(Paced(), (ground, on_it))
    assert (both.policy.speed, both.policy.floor, both.aside) == (90.0, 80.0, {})
    alone = effective(Paced(), (on_it,))
    assert (alone.policy, alone.aside) == (Paced(), {"t2": "the floor lies above the speed"})


def test_a_layer_that_is_left_aside_is_an_alarm_while_it_is():
    async def scenario(plant, console):
        await console.set_mode("plant", "enhanced", seconds=600.0, **WHO)
        made = await console.try_out("steady", {"floor": 80.0}, seconds=None, ends_on=(), **WHO)
        await pass_time(plant, 10.0)
        assert plant.parts.alarms.all() == ()
        await pass_time(plant, 610.0)
        assert speed(plant) == 60.0
        why = "steady: the floor lies above the speed"
        assert [one.left_aside for one in console.tunings()] == [why]
        [alarm] = plant.parts.alarms.all()
        assert (alarm.id, alarm.text) == (f"tuned:{made.id}", f"tuned by user:anna is left aside: {why}")
        await console.undo_tuning("", **WHO)
        await pass_time(plant, 10.0)
        assert not any(one.standing for one in plant.parts.alarms.all())

    virtual(scenario)


def test_many_changes_become_one_layer_without_changing_anything():
    layers = [
        Tuning(id=f"t{n}", layer=Layer.TUNED, area="plant", values={"steady": {name: 20.0 + n}})
        for n, name in enumerate(["floor", *["speed"] * 30])
    ]
    few = pruned(layers, 10)
    assert len(few) == 10
    assert effective(Paced(), few).policy == effective(Paced(), layers).policy


def test_in_shadow_a_mode_changes_the_decision_and_nothing_is_written():
    async def scenario(plant, console):
        await console.set_mode("plant", "saving", seconds=None, **WHO)
        await pass_time(plant, 20.0)
        assert console.point("io.speed").decided == 45.0
        assert plant.writes() == []

    virtual(scenario, authority=Authority.SHADOW)


START = START_UTC % 86_400.0 + 120.0  # s after midnight
NIGHT = Mode(
    name="night",
    policies={"steady": {"speed": 30.0}},
    when=(Span(days="working", start=79_200.0, end=21_600.0),),
)


@pytest.mark.parametrize(
    ("when", "mode"),
    [
        ("2026-07-24 21:59:59", None),  # a Friday
        ("2026-07-24 22:00:00", "night"),
        ("2026-07-25 05:59:59", "night"),  # the night began on a working day
        ("2026-07-25 06:00:00", None),
        ("2026-07-25 22:00:00", None),
        ("2026-07-27 05:00:00", None),  # it began on a Sunday
    ],
)
def test_the_calendar_knows_nights_and_the_days_they_began_on(when, mode):
    utc = dt.datetime.fromisoformat(f"{when}+08:00").timestamp()
    found = mode_of_the_hour([NIGHT], utc, "Asia/Shanghai")
    assert (found.name if found else None) == mode


def test_the_calendar_chooses_while_nobody_has_chosen():
    daily = replace(NIGHT, when=(Span(start=START, end=START + 3600.0),))

    async def scenario(plant, console):
        assert plant.clock.utc() % 86_400.0 < START
        await pass_time(plant, START - plant.clock.utc() % 86_400.0 + 60.0)
        assert (speed(plant), console.areas()[0].mode.owner) == (30.0, "calendar")
        await console.set_mode("plant", "saving", seconds=600.0, **WHO)
        await pass_time(plant, 60.0)
        assert speed(plant) == 45.0
        await pass_time(plant, 600.0)
        assert speed(plant) == 30.0
        await console.set_mode("plant", "", seconds=None, **WHO)  # none, whatever the calendar says
        await pass_time(plant, 20.0)
        assert speed(plant) == 60.0
        await console.end_mode("plant", **WHO)
        await pass_time(plant, 20.0)
        assert speed(plant) == 30.0
        await pass_time(plant, 3600.0)
        assert (speed(plant), console.areas()[0].mode) == (60.0, None)

    virtual(scenario, modes={**MODES, "night": daily})
