"""Tables of what the plant baselines ask for: nothing clever, and nothing that would make them worse than they were."""

from datetime import UTC, datetime

import pytest

from hil.baselines.all_on import AllOn
from hil.baselines.catalogue import baseline_policies
from hil.baselines.constant_pressure import ConstantPressure
from hil.baselines.free_cooling import FreeCooling
from hil.baselines.seasonal_setpoint import SeasonalSetpoint
from hil.baselines.sequential import Sequential
from hil.baselines.storage_clock import StorageClock
from hil.baselines.zone_clock import ZoneClock
from tests.policies.snapshots import Bench, machine, model

CHILLER = ("enable", "status", "load", "alarm", "runtime", "chilled_water_setpoint")
PUMP = ("enable", "speed_command")
LOOP = (
    "chilled_water_supply_temp",
    "condenser_entering_temp",
    "condenser_return_temp",
    "differential_pressure",
)


def local(hour: float, day: int = 16) -> float:
    """UTC seconds of a local hour in Shenzhen; 16 July 2025 is a Wednesday."""
    return datetime(2025, 7, day, tzinfo=UTC).timestamp() + (hour - 8.0) * 3600.0


def plant(units: int = 3):
    machines = [machine(f"chiller_{n}", "chiller", CHILLER, capacity=1000.0) for n in range(1, units + 1)]
    for group in ("chilled", "condenser"):
        machines += [
            machine(f"{group}_pump_{n}", "pump", PUMP, serves=(f"chiller_{n}",)) for n in range(1, units + 1)
        ]
    machines.append(
        machine("tower_1", "tower", PUMP, serves=tuple(f"chiller_{n}" for n in range(1, units + 1)))
    )
    machines.append(machine("loop", "loop", LOOP))
    machines.append(machine("outdoor_air", "weather", ("outdoor_dry_bulb",)))
    return machines


def running(loads: dict[int, float], units: int = 3) -> dict[str, object]:
    """Values with these machines running at these loads in %."""
    values: dict[str, object] = {"loop.chilled_water_supply_temp": 7.0, "loop.condenser_entering_temp": 29.0}
    for n in range(1, units + 1):
        values |= {
            f"chiller_{n}.status": n in loads,
            f"chiller_{n}.load": loads.get(n, 0.0),
            f"chiller_{n}.alarm": False,
        }
    return values


def chillers_on(wishes) -> list[int]:
    return [n for n in range(1, 9) if wishes.get(f"chiller_{n}.enable") is True]


def bench(policy, values=None, *machines):
    return Bench(policy, model(*(machines or plant()), tick=60.0), values or running({}))


def test_everything_runs_in_hours_and_nothing_after_them():
    one = bench(AllOn(name="weak", hours="07:00-22:00"))
    wishes = one.run(300, utc=local(12))
    assert chillers_on(wishes) == [1, 2, 3]
    assert all(wishes[f"{group}_pump_{n}.enable"] for group in ("chilled", "condenser") for n in (1, 2, 3))
    assert wishes["chilled_pump_2.speed_command"] == wishes["tower_1.speed_command"] == 100.0
    assert wishes["chiller_3.chilled_water_setpoint"] == 7.0
    wishes = one.run(60, utc=local(22.01))
    assert chillers_on(wishes) == []
    assert wishes["chilled_pump_1.enable"] is True  # runs on
    assert one.run(300, utc=local(22.1))["chilled_pump_1.enable"] is False


def test_pumps_lead_their_machines_in_the_morning():
    one = bench(AllOn(name="weak", hours="07:00-22:00"))
    one.run(60, utc=local(6.9))
    one.run(300, utc=local(6.95))
    wishes = one.run(60, utc=local(7.0))
    assert chillers_on(wishes) == []
    assert wishes["condenser_pump_1.enable"] is True


def test_the_last_machine_stays_for_the_night_with_its_own_pumps():
    one = bench(AllOn(name="weak", hours="07:00-22:00", night=1))
    wishes = one.run(600, utc=local(3))
    assert chillers_on(wishes) == [3]
    assert wishes["chilled_pump_3.enable"] is True
    assert wishes["chilled_pump_1.enable"] is False


def test_fans_run_flat_out_until_the_water_is_so_cold_that_machines_would_trip():
    one = bench(AllOn(name="weak", cold=18.0))
    seen = []
    for water in (29.0, 20.0, 17.0):
        one.values["loop.condenser_entering_temp"] = water
        wishes = one.run(300, utc=local(12))
        seen.append((wishes["tower_1.enable"], wishes["tower_1.speed_command"]))
    assert seen == [(True, 100.0), (True, 100.0), (False, 100.0)]


def test_a_tripped_machine_is_reset_by_hand():
    one = bench(AllOn(name="weak"))
    one.run(600, utc=local(12))
    one.values["chiller_2.alarm"] = True
    assert chillers_on(one.run(utc=local(12))) == [1, 3]
    one.values["chiller_2.alarm"] = False
    assert chillers_on(one.run(utc=local(12))) == [1, 2, 3]


def test_off_months_and_a_calendar_are_kept():
    assert chillers_on(bench(AllOn(name="weak", months=(5, 6))).run(600, utc=local(12))) == []
    assert (
        chillers_on(bench(AllOn(name="weak", calendar="cn")).run(600, utc=local(12, day=19))) == []
    )  # Saturday


@pytest.mark.parametrize(
    ("loads", "after"),
    [
        ({1: 91.0}, [1, 2]),  # above 90 %
        ({1: 89.0}, [1]),
        ({1: 39.0, 2: 39.0}, [1]),  # one could carry 78 %
        ({1: 41.0, 2: 41.0}, [1, 2]),  # 82 % would be too much
    ],
)
def test_one_more_above_90_and_one_less_where_the_rest_carries_80_percent(loads, after):
    one = bench(Sequential(name="competent"), running({1: 91.0}))
    one.run(60, utc=local(12))
    if len(loads) == 2:
        one.run(2000, utc=local(12))
        assert chillers_on(one.run(200, utc=local(12))) == [1, 2]
    one.values = running(loads)
    one.run(2000, utc=local(12))
    assert chillers_on(one.run(200, utc=local(12))) == after


def test_a_change_waits_for_its_dwell():
    one = bench(Sequential(name="competent", dwell=900.0), running({1: 95.0}))
    one.run(840, utc=local(12))
    assert chillers_on(one.run(60, utc=local(12))) == [1]
    one.run(300, utc=local(12))
    assert chillers_on(one.run(60, utc=local(12))) == [1, 2]


def test_warm_water_brings_a_machine_whatever_the_load():
    one = bench(Sequential(name="competent"), running({1: 50.0}) | {"loop.chilled_water_supply_temp": 9.0})
    assert chillers_on(one.run(1500, utc=local(12))) == [1, 2]


def test_a_machine_in_alarm_is_replaced():
    one = bench(Sequential(name="competent"), running({1: 50.0}))
    one.run(600, utc=local(12))
    one.values = running({}) | {"chiller_1.alarm": True}
    assert chillers_on(one.run(600, utc=local(12))) == [2]


def test_a_spare_machine_runs_beside_the_needed_ones():
    one = bench(Sequential(name="competent", spare=1), running({1: 40.0, 2: 40.0}))
    assert chillers_on(one.run(3000, utc=local(12))) == [1, 2]
    one.values = running({1: 47.0, 2: 47.0})  # 94 % of what is left when one fails
    assert chillers_on(one.run(3000, utc=local(12))) == [1, 2, 3]


def test_pumps_follow_their_machine_and_fans_their_temperature():
    one = bench(Sequential(name="competent", tower_setpoint=28.0, tower_band=2.0), running({1: 50.0}))
    wishes = one.run(600, utc=local(12))
    assert wishes["chilled_pump_1.enable"] is True
    assert wishes["chilled_pump_2.enable"] is False
    assert wishes["tower_1.speed_command"] == 100.0
    one.values["loop.condenser_entering_temp"] = 28.0
    assert one.run(600, utc=local(12))["tower_1.speed_command"] == 100.0  # stays as it was
    one.values["loop.condenser_entering_temp"] = 27.0
    assert one.run(120, utc=local(12))["tower_1.speed_command"] == pytest.approx(90.0)
    assert one.run(1800, utc=local(12))["tower_1.enable"] is False


def test_free_cooling_alone_stops_machines_and_their_condenser_pumps():
    machines = [*plant(), machine("economiser", "economiser", ("enable",))]
    values = running({1: 50.0}) | {"economiser.enable": True, "loop.condenser_entering_temp": 9.0}
    one = bench(Sequential(name="competent", setpoint=15.0, free_tower=8.0), values, *machines)
    wishes = one.run(600, utc=local(12))
    assert chillers_on(wishes) == []
    assert wishes["chilled_pump_1.enable"] is True
    assert wishes["condenser_pump_1.enable"] is False
    one.values["loop.condenser_entering_temp"] = 14.0
    assert chillers_on(one.run(60, utc=local(12))) == [1]


def test_free_cooling_keeps_the_pumps_the_load_needed():
    machines = [*plant(), machine("economiser", "economiser", ("enable",))]
    one = bench(Sequential(name="competent", setpoint=15.0), running({1: 95.0}), *machines)
    one.run(1500, utc=local(12))
    one.values |= running({}) | {"economiser.enable": True, "loop.condenser_entering_temp": 9.0}
    wishes = one.run(7200, utc=local(12))
    assert chillers_on(wishes) == []
    assert (wishes["chilled_pump_1.enable"], wishes["chilled_pump_2.enable"]) == (True, True)


def test_the_economiser_has_its_hysteresis():
    machines = [*plant(), machine("economiser", "economiser", ("enable",))]
    one = bench(
        FreeCooling(name="free", below=5.0, hysteresis=3.0), {"outdoor_air.outdoor_dry_bulb": 6.0}, *machines
    )
    seen = []
    for outdoor in (6.0, 4.9, 7.9, 8.1, 6.0):
        one.values["outdoor_air.outdoor_dry_bulb"] = outdoor
        seen.append(one.run()["economiser.enable"])
    assert seen == [False, True, True, False, False]


def test_pump_speeds_hold_pressure_and_range_within_their_bounds():
    values = running({1: 50.0}) | {"loop.differential_pressure": 120.0, "loop.condenser_return_temp": 31.0}
    one = bench(ConstantPressure(name="converters", pressure=60.0, least=75.0), values)
    wishes = one.run(1200)
    assert wishes["chilled_pump_1.speed_command"] == 75.0
    assert wishes["condenser_pump_1.speed_command"] == 75.0  # 2 K of 5
    one.values |= {"loop.differential_pressure": 20.0, "loop.condenser_return_temp": 36.0}
    wishes = one.run(1200)
    assert wishes["chilled_pump_1.speed_command"] == wishes["condenser_pump_1.speed_command"] == 100.0


@pytest.mark.parametrize(("outdoor", "wanted"), [(35.0, 7.0), (30.0, 7.0), (25.0, 8.5), (10.0, 10.0)])
def test_setpoint_by_outdoor_temperature(outdoor, wanted):
    one = bench(SeasonalSetpoint(name="reset"), {"outdoor_air.outdoor_dry_bulb": outdoor})
    assert one.run()["chiller_1.chilled_water_setpoint"] == wanted


def test_zones_are_off_at_night_and_at_weekends():
    one = bench(ZoneClock(name="zones"), {}, machine("zone_1", "zone", ("enable", "zone_setpoint")))
    seen = [one.run(utc=local(hour, day))["zone_1.enable"] for hour, day in ((12, 16), (21, 16), (12, 19))]
    assert seen == [True, False, False]


def test_the_tank_is_charged_in_the_valley_and_released_at_the_peak():
    machines = [*plant(), machine("tank", "tank", ("charge", "discharge", "flow_command", "state_of_charge"))]
    one = bench(StorageClock(name="tank", machines=2, held=1), {"tank.state_of_charge": 50.0}, *machines)
    wishes = one.run(600, utc=local(3))
    assert (wishes["tank.charge"], wishes["tank.discharge"]) == (True, False)
    assert chillers_on(wishes) == [1, 2]
    assert wishes["chiller_1.chilled_water_setpoint"] == 5.0
    wishes = one.run(utc=local(9))
    assert (wishes["tank.charge"], wishes["tank.discharge"]) == (False, False)
    wishes = one.run(utc=local(11))
    assert (wishes["tank.charge"], wishes["tank.discharge"]) == (False, True)
    assert chillers_on(wishes) == [3]  # the small one at the end of the list
    one.values["tank.state_of_charge"] = 2.0
    assert one.run(utc=local(15))["tank.discharge"] is False
    one.values["tank.state_of_charge"] = 40.0
    assert one.run(utc=local(16))["tank.discharge"] is False  # empty until it was charged again


def test_the_small_machine_stands_in_months_in_which_the_tank_carries_the_peak_alone():
    machines = [*plant(), machine("tank", "tank", ("charge", "discharge", "flow_command", "state_of_charge"))]
    seen = []
    for beside in ((7, 8), (1, 2)):
        policy = StorageClock(name="tank", held=1, beside=beside)
        seen.append(chillers_on(bench(policy, {"tank.state_of_charge": 50.0}, *machines).run(utc=local(11))))
    assert seen == [[3], []]


def test_halls_that_are_warm_at_once_start_all_machines_and_drop_them_by_load():
    """One by one, with a quarter of an hour between them, halls boil and machines trip."""
    one = bench(Sequential(name="competent", spare=1, begin=3))
    one.run(60, utc=local(12))
    assert chillers_on(one.run(200, utc=local(12))) == [1, 2, 3]
    one.values = running({1: 20.0, 2: 20.0, 3: 20.0})
    one.run(2400, utc=local(12))
    assert chillers_on(one.run(200, utc=local(12))) == [1, 2]
    one.values["chiller_1.alarm"] = True  # a spare takes over: not a start of all
    assert chillers_on(one.run(200, utc=local(12))) == [2, 3]


def test_a_full_tank_stays_full_until_the_next_valley():
    machines = [*plant(), machine("tank", "tank", ("charge", "discharge", "flow_command", "state_of_charge"))]
    one = bench(StorageClock(name="tank"), {"tank.state_of_charge": 98.0}, *machines)
    assert one.run(utc=local(3))["tank.charge"] is False
    one.values["tank.state_of_charge"] = 90.0
    assert one.run(utc=local(4))["tank.charge"] is False
    one.run(utc=local(9))
    assert one.run(utc=local(24.5))["tank.charge"] is True


@pytest.mark.parametrize("wrong", [{"hours": "7-22"}, {"calendar": "mars"}, {"months": (13,)}])
def test_a_time_switch_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match=r"span|calendar|months"):
        AllOn(name="weak", **wrong)


def test_all_baselines_are_found():
    assert {"baseline.all_on", "baseline.sequential", "baseline.storage_clock", "baseline.zone_clock"} <= set(
        baseline_policies()
    )
