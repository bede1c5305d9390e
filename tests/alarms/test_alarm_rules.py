"""Machines in trouble, one row each: what the snapshot shows, and what people are told."""

import pytest

from agent.alarms.rules import START_PATIENCE, machine_conditions
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
STOPPED = [("stopped:chiller_1", "Chiller 1 was told to run 10 min ago and does not")]


@pytest.mark.parametrize(
    ("shown", "told", "expected"),
    [
        ({"alarm": False, "status": True}, EARLY, []),
        ({"alarm": True}, {}, [("fault:chiller_1", "Chiller 1 reports a fault")]),
        ({"status": False}, EARLY, STOPPED),
        ({"status": False}, LATE, []),
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
