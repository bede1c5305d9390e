"""Machines in trouble, one row each: what the snapshot shows, and what people are told."""

from dataclasses import replace

import pytest

from agent.alarms.rules import START_PATIENCE, machine_conditions
from agent.core.command import Command
from agent.core.decision import Decision
from agent.core.equipment import Area, AreaModel, Authority, Equipment, Place
from agent.core.reading import Quality, Reading
from agent.core.snapshot import Snapshot

ROLES = ("enable", "status", "alarm", "local_mode")
CHILLER = Equipment(
    id="chiller_1",
    kind="chiller",
    area="plant",
    name="Chiller 1",
    roles={role: f"ch1.{role}" for role in ROLES},
)
PLACE = Place(name="Test", latitude=0, longitude=0, timezone="UTC")


def told_of(shown, told=None, locked_out=frozenset(), quality=Quality.GOOD):
    snapshot = Snapshot(
        model=AreaModel(area=Area(id="plant"), place=PLACE, equipment={CHILLER.id: CHILLER}, points={}),
        readings={f"ch1.{role}": Reading(value, 0.0, 1000.0, quality) for role, value in shown.items()},
        utc=0.0,
        utc_trusted=True,
        elapsed=1000.0,
        authority=Authority.AGENT,
        locked_out=locked_out,
    )
    return [(one.id, one.text) for one in machine_conditions(snapshot, told or {})]


EARLY = {"chiller_1": 1000.0 - START_PATIENCE}
LATE = {"chiller_1": 1000.1 - START_PATIENCE}
WARM = ("cooling:plant", "no chiller runs though cooling is asked for")
STOPPED = [("stopped:chiller_1", "Chiller 1 does not run; it has been told to for 10 min"), WARM]


@pytest.mark.parametrize(
    ("shown", "told", "expected"),
    [
        ({"alarm": False, "status": True}, EARLY, []),
        ({"alarm": True}, {}, [("fault:chiller_1", "Chiller 1 reports a fault")]),
        ({"status": False}, EARLY, STOPPED),
        ({"status": False}, LATE, []),
        ({"status": False, "alarm": True}, EARLY, [("fault:chiller_1", "Chiller 1 reports a fault"), WARM]),
        ({"status": False}, {}, []),  # nobody told it to
        ({}, EARLY, []),  # not seen is not seen to stand still
        ({"status": False, "local_mode": True}, EARLY, []),  # somebody is at its panel
    ],
)
def test_machines_in_trouble(shown, told, expected):
    assert told_of(shown, told) == expected


def test_a_bad_reading_reports_no_fault_and_a_locked_out_machine_may_stand_still():
    assert told_of({"alarm": True}, quality=Quality.BAD) == []
    assert told_of({"status": False}, EARLY, locked_out=frozenset({"chiller_1"})) == []


def test_a_plant_of_which_nothing_cools_is_said_with_its_water_and_one_running_machine_ends_it():
    second = replace(CHILLER, id="chiller_2", roles={"status": "ch2.status"})
    loop = Equipment(id="loop", kind="loop", area="plant", roles={"chilled_water_supply_temp": "io.supply"})
    model = AreaModel(
        area=Area(id="plant"),
        place=PLACE,
        equipment={one.id: one for one in (CHILLER, second, loop)},
        points={},
    )

    def cooling(second_runs):
        shown = {"ch1.status": False, "ch2.status": second_runs, "io.supply": 18.24}
        snapshot = Snapshot(
            model=model,
            readings={id_: Reading(value, 0.0, 1000.0) for id_, value in shown.items() if value is not None},
            utc=0.0,
            utc_trusted=True,
            elapsed=1000.0,
            authority=Authority.AGENT,
        )
        return [one.text for one in machine_conditions(snapshot, EARLY) if one.id == "cooling:plant"]

    assert cooling(False) == ["no chiller runs though cooling is asked for: chilled water at 18.2 degC"]
    assert cooling(True) == []
    assert cooling(None) == []  # who is not seen may run


def test_an_alarm_that_a_policy_raises_says_what_the_policy_says():
    watch = Equipment(id="watch", kind="lamp_watch", area="plant", roles={"alarm": "virtual.doubt"})
    reason = "radar 7 has said nothing for 10 min: its lane stays lit"
    command = Command(point="virtual.doubt", priority=15, source="radar", reason=reason, value=True)
    snapshot = Snapshot(
        model=AreaModel(area=Area(id="plant"), place=PLACE, equipment={watch.id: watch}, points={}),
        readings={"virtual.doubt": Reading(True, 0.0, 1000.0)},
        utc=0.0,
        utc_trusted=True,
        elapsed=1000.0,
        authority=Authority.AGENT,
        decisions={
            "virtual.doubt": Decision(point="virtual.doubt", value=True, winner=command, reason=reason)
        },
    )
    assert [one.text for one in machine_conditions(snapshot, {})] == [reason]
