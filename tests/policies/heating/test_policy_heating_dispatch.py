"""`heating_plant.dispatch` against a table of situations: who runs, how warm, and why."""

import pytest

from agent.core.command import Priority
from policies.heating_plant.dispatch import Dispatch
from tests.policies.heating.heating_bench import SOURCE, TARIFF, bench, source
from tests.policies.snapshots import bad, machine


@pytest.mark.parametrize(
    ("parameters", "first"),
    [
        ({"tariff": ("otherwise 0.30",)}, {"ground"}),  # 0.09 a kWh of heat against 0.32 of gas
        ({"tariff": ("otherwise 2.00",)}, {"boiler"}),
        ({"tariff": ("otherwise 2.00",), "gas_price": 0.9}, {"ground"}),
        ({"tariff": ("otherwise 1.60",), "carbon_price": 1.0, "gas_carbon": 0.2, "electricity_carbon": 0.05}, {"ground"}),
        ({"tariff": ("otherwise 1.60",)}, {"boiler"}),
    ],
)  # fmt: skip
def test_the_cheapest_heat_of_this_instant_comes_first(parameters, first):
    plant = bench(**parameters)
    assert plant.go(10) == first


def test_the_reason_names_both_prices_and_the_share():
    plant = bench(tariff=("otherwise 0.60",))
    plant.go(60)
    reason = plant.reason("ground.enable")
    assert "ground at 0.13 CNY/kWh before air 1 at 0.22" in reason
    assert "kW wanted at 41 degC, tank" in reason
    for _ in range(120):
        plant.values["ground.heating"], plant.values["ground.power"] = 200.0, 60.0
        plant.run(60.0)
    assert "renewable share 73 %" in plant.reason("ground.enable")


def test_as_many_as_are_wanted_and_no_more():
    plant = bench()
    plant.take(30.0)
    plant.tank(45.0, 44.0, 36.0)
    assert plant.go(60) == set()  # the tank carries it
    plant.take(380.0)
    assert plant.go(60) == {"ground", "air_1"}
    plant.take(560.0)
    assert plant.go(60) == {"ground", "air_1", "air_2"}
    plant.take(200.0)
    plant.tank(50.0, 50.0, 42.0)
    assert plant.go(90) == {"ground"}


def test_a_machine_out_of_order_is_passed_over_and_one_that_does_not_run_given_up():
    plant = bench()
    plant.values["ground.alarm"] = True
    assert plant.go(10) == {"air_1"}
    assert "in alarm" in plant.reason("ground.enable")
    plant.dead = {"air_1"}
    assert "air_1" not in plant.go(20)
    assert "did not run" in plant.reason("air_1.enable")
    assert "air_2" in plant.on()
    assert plant.go(10, locked=["air_2"]) == {"boiler"}


def test_air_machines_are_locked_out_by_the_cold_and_come_back_a_kelvin_later():
    units = (
        source("air", "heat_pump", 300.0, source="air", lowest_source_temp=-12.0),
        source("boiler", "boiler", 400.0),
    )
    plant = bench(sources=units)
    assert plant.go(10) == {"air"}
    plant.outside(-12.5)
    assert plant.go(40) == {"boiler"}
    assert "below -12" in plant.reason("air.enable")
    plant.outside(-11.5)
    assert plant.go(30) == {"boiler"}
    plant.outside(-10.5)
    assert "air" in plant.go(60)


def test_a_back_up_comes_only_when_the_supply_stays_cold_and_goes_when_it_holds():
    plant = bench(
        sources=(source("air", "heat_pump", 200.0, source="air"), source("heater", "electric_heater", 100.0))
    )
    plant.take(280.0, supply=44.0)
    assert plant.go(60) == {"air"}
    plant.take(280.0, supply=34.0)
    assert plant.go(15) == {"air"}
    assert plant.go(10) == {"air", "heater"}
    assert "stays too cold" in plant.reason("heater.enable")
    plant.take(280.0, supply=44.0)
    assert plant.go(60) == {"air"}


def test_the_heating_curve_with_its_trim():
    rooms = machine("rooms", "zone", ("zone_temp",))
    plant = bench(
        rooms, design_outdoor=-10.0, supply_cold=50.0, mild_outdoor=15.0, supply_mild=30.0, trim_gain=2.0
    )
    for outdoor, wanted in ((-20.0, 50.0), (-10.0, 50.0), (2.5, 40.0), (15.0, 30.0), (22.0, 30.0)):
        plant.outside(outdoor)
        plant.run(60.0)
        assert plant.wishes["loop.hot_water_setpoint"].value == wanted
    plant.outside(2.5)
    plant.values["rooms.zone_temp"] = 19.0
    plant.go(120)
    assert plant.wishes["loop.hot_water_setpoint"].value == pytest.approx(44.0, abs=0.5)
    plant.go(180)
    assert plant.wishes["loop.hot_water_setpoint"].value == 44.0  # `trim_most`
    assert plant.wishes["ground.hot_water_setpoint"].value == 45.0


def test_the_tank_is_filled_before_dear_hours_and_let_down_before_cheap_ones():
    plant = bench(tariff=TARIFF, gas_price=9.0)
    plant.second = 14.5 * 3600.0
    plant.tank(48.0, 47.0, 38.0)
    plant.go(60)
    assert "filled: 0.13 now, 0.22 soon" in plant.reason("ground.enable")
    assert (
        plant.wishes["ground.hot_water_setpoint"].value > plant.wishes["loop.hot_water_setpoint"].value + 4.0
    )
    plant.second = 19 * 3600.0
    plant.take(100.0)
    plant.run(60.0)
    assert "let down" in plant.reason("ground.enable")
    assert plant.go(30) == set()  # half a tank until the price falls


def test_gas_does_not_fill_the_tank_for_hours_in_which_it_costs_the_same():
    plant = bench(tariff=TARIFF, gas_price=0.05)
    plant.second = 14 * 3600.0
    plant.run(60.0)
    assert "price as in the hours to come" in plant.reason("boiler.enable")


def test_sunshine_that_would_be_sold_makes_heat_cheap():
    grid = machine("grid", "grid_meter", ("power",))
    plant = bench(grid, tariff=("otherwise 1.60",), feed_in_price=0.3)
    plant.values["grid.power"] = 20.0
    assert plant.go(10) == {"boiler"}
    plant = bench(grid, tariff=("otherwise 1.60",), feed_in_price=0.3)
    plant.values["grid.power"] = -80.0
    assert plant.go(10) == {"ground"}
    assert "ground at 0.08" in plant.reason("ground.enable")


def test_renewable_sources_go_first_while_their_share_is_behind():
    plant = bench(tariff=("otherwise 1.60",), renewable_share=60.0)
    for _ in range(120):
        plant.values["boiler.heating"] = 400.0 * plant.values["boiler.status"]
        plant.values["ground.heating"] = 200.0 * plant.values["ground.status"]
        plant.run(60.0)
    assert "boiler" not in plant.go(60)
    assert "ground" in plant.on()
    assert "behind what is wanted" in plant.reason("ground.enable")


def test_the_ground_is_spared_when_it_is_ahead_of_its_year():
    units = (
        source("ground", "heat_pump", 200.0, source="ground", rated_cop=3.2, yearly_heat=1000.0),
        source("air", "heat_pump", 200.0, source="air", rated_cop=2.5),
    )
    plant = bench(sources=units)
    plant.outside(5.0)
    plant.values["ground.source_entering_temp"] = 10.0
    assert plant.go(10) == {"ground"}
    plant.values["ground.heating"], plant.values["ground.power"] = 200.0, 60.0
    plant.go(60 * 8)  # more than all it may give
    assert plant.on() == {"air"}


def test_what_a_machine_really_does_is_learned():
    plant = bench()
    plant.go(10)
    for _ in range(240):
        plant.values["ground.heating"], plant.values["ground.power"] = 120.0, 60.0
        plant.run(60.0)
    assert plant.state.sources["ground"].learned.ratio == pytest.approx(0.5, abs=0.01)
    assert plant.on() == {"air_1"}  # it costs less than the poor one now


def test_nothing_in_the_warm_season():
    plant = bench(heat_below=15.0)
    plant.outside(22.0)
    assert plant.go(20) == set()
    assert "warm season" in plant.reason("ground.enable")
    plant.outside(4.0)
    assert plant.go(20) != set()  # a cold snap is met at once


@pytest.mark.parametrize(
    "lost",
    [
        ("weather.outdoor_dry_bulb",),
        ("loop.hot_water_flow",),
        ("tank.tank_top_temp", "tank.tank_middle_temp", "tank.tank_bottom_temp"),
        ("tank.tank_middle_temp",),
        ("loop.hot_water_flow", "loop.hot_water_supply_temp", "loop.hot_water_return_temp"),
        ("loop.hot_water_flow", "tank.tank_top_temp", "tank.tank_bottom_temp", "weather.outdoor_dry_bulb"),
    ],
    ids=str,
)
def test_what_cannot_be_read_never_ends_the_heat(lost):
    plant = bench(design_load=600.0)
    plant.take(300.0)
    plant.go(60)
    for point in lost:
        plant.values[point] = bad()
    assert plant.go(180) != set()
    expected = 50.0 if "weather.outdoor_dry_bulb" in lost else 41.0
    assert plant.wishes["loop.hot_water_setpoint"].value == pytest.approx(expected, abs=1.0)


def test_blind_to_everything_all_run_by_their_own_thermostats():
    plant = bench()
    for point in plant.values:
        if point.startswith(("weather", "loop", "tank")):
            plant.values[point] = bad()
    assert {"ground", "air_1", "air_2", "boiler"} <= plant.go(60)
    assert "own thermostats" in plant.reason("ground.enable")


def test_near_frost_everything_that_can_runs_above_all_wishes():
    plant = bench()
    plant.outside(-3.0)
    plant.take(0.0, supply=6.0)
    plant.tank(7.0, 6.0, 5.0)
    plant.values["air_2.alarm"] = True
    assert plant.go(1) == {"ground", "air_1", "boiler", "heater"}
    assert plant.wishes["boiler.enable"].priority == Priority.CRITICAL_SERVICE
    assert "frost" in plant.reason("boiler.enable")
    plant.take(100.0, supply=40.0)
    plant.tank(45.0, 40.0, 35.0)
    plant.run(60.0)
    assert plant.wishes["boiler.enable"].priority == Priority.SEQUENCE


def test_tap_water_is_charged_and_the_tank_is_made_warm_enough_for_it():
    cylinder = machine("cylinder", "hot_water_tank", ("charge", "tank_top_temp"))
    plant = bench(cylinder, legionella_every=0.0)
    plant.values["cylinder.tank_top_temp"] = 47.0
    plant.run(60.0)
    assert plant.wishes["cylinder.charge"].value is False
    plant.values["cylinder.tank_top_temp"] = 41.0
    plant.run(60.0)
    assert plant.wishes["cylinder.charge"].value is True
    assert plant.wishes["ground.hot_water_setpoint"].value == 56.0
    assert plant.wishes["air_1.hot_water_setpoint"].value == 55.0  # all it can
    assert plant.wishes["loop.hot_water_setpoint"].value < 42.0
    plant.values["cylinder.tank_top_temp"] = bad()
    plant.run(60.0)
    assert plant.wishes["cylinder.charge"].value is True


def test_once_a_week_tap_water_is_brought_to_sixty_degrees():
    cylinder = machine("cylinder", "hot_water_tank", ("charge", "tank_top_temp"))
    plant = bench(cylinder, legionella_every=4 * 3600.0)
    plant.values["cylinder.tank_top_temp"] = 50.0
    plant.go(60 * 4 - 10)
    assert plant.wishes["cylinder.charge"].value is False
    plant.go(11)
    assert plant.wishes["cylinder.charge"].value is True
    assert "brought to 60 degC" in plant.reason("ground.enable")
    assert plant.wishes["ground.hot_water_setpoint"].value == 65.0
    assert "gives 55 degC at most" in plant.reason("air_1.enable")
    plant.values["cylinder.tank_top_temp"] = 60.5
    plant.go(31)
    assert plant.wishes["cylinder.charge"].value is False
    assert plant.state.water.since_hot < 3600.0


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"tariff": ("0:00-8:00 0.3",)}, "otherwise"),
        ({"supply_mild": 55.0}, "supply_mild must lie below supply_cold"),
        ({"carbon_price": 0.1}, "electricity_carbon"),
        ({"tank_usual": 10.0}, "tank_least must lie below tank_usual"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(wrong, says):
    with pytest.raises(ValueError, match=says):
        Dispatch(name="heat", **wrong)


def test_sources_without_feedback_are_taken_to_obey():
    units = (
        source("air", "heat_pump", 200.0, ("enable",), source="air"),
        source("boiler", "boiler", 300.0, SOURCE),
    )
    plant = bench(sources=units)
    plant.values.pop("air.status")
    assert "air" in {one for one in ("air", "boiler") if plant.go(20) or plant.wishes[f"{one}.enable"].value}


def test_least_times_hold_even_against_a_tank_that_is_full():
    plant = bench(minimum_on=900.0, minimum_off=600.0, between=30.0, more_after=0.0, less_after=0.0)
    plant.run(60.0)
    assert plant.on() == {"ground"}
    plant.take(0.0)
    plant.tank(60.0, 60.0, 60.0)
    assert plant.go(14) == {"ground"}
    assert plant.go(2) == set()
    plant.take(230.0)
    plant.tank(42.0, 36.0, 33.0)
    assert "ground" not in plant.go(8)
    assert "ground" in plant.go(3)
