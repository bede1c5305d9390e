"""policies.chiller_plant.sequence as a whole: a plant taken over, staged, degraded, given back; then against a plant's physics."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agent.core.command import Command, Priority
from agent.core.decision import Decision
from hil.plant.central_plant import CentralPlant
from policies.chiller_plant.plant_layout import Circuit, circuit_of
from policies.chiller_plant.sequence import PlantSequence
from tests.hil.plant.central_cases import design, economiser, headered, outdoors, plant
from tests.policies.snapshots import Bench, bad, machine, model

CHILLER = (
    "enable", "status", "alarm", "load", "power", "cooling", "chilled_water_setpoint", "demand_limit",
    "chilled_water_flow", "condenser_flow", "chilled_water_supply_temp", "condenser_leaving_temp",
    "chilled_valve_command", "chilled_valve", "condenser_valve_command",
)  # fmt: skip
DRIVE = ("enable", "status", "speed_command", "speed", "power")
LOOP = (
    "chilled_water_flow", "chilled_water_supply_temp", "chilled_water_return_temp", "differential_pressure",
    "condenser_return_temp", "condenser_entering_temp", "requests", "plant_requests",
)  # fmt: skip


def bench(
    chillers: int = 2,
    *,
    without: tuple[str, ...] = (),
    dedicated: bool = True,
    capacity: float = 1000.0,
    tick: float = 10.0,
    **parameters: float,
) -> Bench:
    """`without`: roles that nothing plays, as `loop.requests` or `pump.speed_command`; kinds that are not there."""
    ids = tuple(f"chiller_{n}" for n in range(1, chillers + 1))

    def roles(kind: str, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in names if f"{kind}.{name}" not in without)

    every = [
        machine(id_, "chiller", roles("chiller", CHILLER), capacity=capacity, minimum_off=600.0)
        for id_ in ids
    ]
    for n, id_ in enumerate(ids, 1):
        serves = (id_,) if dedicated else ids
        every += [
            machine(f"{circuit}_pump_{n}", "pump", roles("pump", DRIVE), serves=serves)
            for circuit in ("chilled", "condenser")
        ]
    every += [machine(f"tower_{n}", "tower", (*roles("tower", DRIVE), "valve_command")) for n in (1, 2)]
    every.append(machine("loop", "loop", roles("loop", LOOP)))
    every.append(machine("bypass", "bypass", ("valve_command",)))
    area = model(*(one for one in every if one.kind not in without), tick=tick)
    return Bench(PlantSequence(name="plant", **parameters), area, {}, elapsed=0.0)


def standing(one: Bench, running: tuple[str, ...] = (), load: float = 0.0) -> Bench:
    """Readings of a plant in which these chillers run and carry so many kW."""
    pumps = {one.id: one.guards.serves for one in one.area.equipment.values() if one.kind == "pump"}
    for id_, machine_ in one.area.equipment.items():
        if machine_.kind in ("chiller", "pump", "tower"):
            on = (
                bool(running)
                if machine_.kind == "tower"
                else id_ in running or bool(set(running) & set(pumps.get(id_, ())))
            )
            one.values |= {f"{id_}.status": on, f"{id_}.speed": 60.0 * on, f"{id_}.alarm": False}
        if machine_.kind == "chiller":
            on = id_ in running
            one.values |= {f"{id_}.load": 50.0 * on, f"{id_}.chilled_valve": 100.0 * on, f"{id_}.chilled_water_flow": 40.0 * on,
                           f"{id_}.condenser_leaving_temp": 32.0, f"{id_}.chilled_water_supply_temp": 7.0}  # fmt: skip
    one.values |= {
        "loop.chilled_water_flow": load / 4.19 / 5.0, "loop.chilled_water_supply_temp": 7.0,
        "loop.chilled_water_return_temp": 12.0, "loop.differential_pressure": 60.0, "loop.condenser_return_temp": 32.0,
        "loop.condenser_entering_temp": 28.0, "loop.requests": 2.0, "loop.plant_requests": 1.0,
    }  # fmt: skip
    roles = {point for machine_ in one.area.equipment.values() for point in machine_.roles.values()}
    one.values = {point: value for point, value in one.values.items() if point in roles}
    return one


def test_a_running_plant_is_taken_over_as_it_is():
    one = standing(bench(), ("chiller_1",), 500.0)
    wishes = one.run(10.0)
    assert (wishes["chiller_1.enable"], wishes["chiller_2.enable"]) == (True, False)
    assert wishes["chilled_pump_1.speed_command"] == pytest.approx(60.0, abs=1.0)
    assert wishes["chiller_1.chilled_water_setpoint"] == 7.0
    assert wishes["chiller_1.demand_limit"] == 100.0
    assert {command.priority for command in one.wishes.values()} == {Priority.SEQUENCE}


def test_a_standing_plant_starts_in_order_and_stops_in_order():
    one = standing(bench())
    assert one.run(10.0)["chiller_1.enable"] is False
    wishes = one.run(10.0)
    assert wishes["condenser_pump_1.enable"] is True
    assert wishes["chilled_pump_1.enable"] is True
    assert wishes["chiller_1.chilled_valve_command"] == 100.0
    assert one.run(200.0)["chiller_1.enable"] is False  # the pumps are not proven
    one.values |= {
        "chilled_pump_1.status": True,
        "condenser_pump_1.status": True,
        "chiller_1.chilled_valve": 100.0,
    }
    assert one.run(70.0)["chiller_1.enable"] is True
    one.values["chiller_1.status"] = True
    one.run(900.0)
    one.values["loop.plant_requests"] = 0.0
    wishes = one.run(200.0)
    assert (wishes["chiller_1.enable"], wishes["condenser_pump_1.enable"]) == (False, True)  # it still turns
    one.values["chiller_1.status"] = False
    wishes = one.run(120.0)
    assert (wishes["condenser_pump_1.enable"], wishes["chilled_pump_1.enable"]) == (False, False)


def test_a_machine_that_trips_is_replaced_and_comes_last():
    one = standing(bench(), ("chiller_1",), 500.0)
    one.run(60.0)
    one.values |= {"chiller_1.alarm": True, "chiller_1.status": False}
    wishes = one.run(20.0)
    assert wishes["chiller_1.enable"] is False
    assert wishes["condenser_pump_2.enable"] is True
    assert "in alarm" in one.reason("chiller_1.enable")
    one.values["chiller_1.alarm"] = False
    one.run(600.0)
    assert one.state.memory["chiller_1"].resting > 0.0  # it does not come and go with its alarm
    assert one.state.change.starting != "chiller_1"
    assert one.state.on == ()


def decided(one: Bench, priority: Priority, *, wanted: bool, value: bool) -> None:
    """Somebody else wants chiller 2 on or off, and gets `value`."""
    point = "chiller_2.enable"
    asked = Command(point=point, priority=priority, source="other", reason="test", value=wanted)
    one.decisions[point] = Decision(point=point, value=value, winner=asked)


def test_a_stronger_hand_is_followed_and_not_fought():
    one = standing(bench(), ("chiller_1", "chiller_2"), 900.0)
    one.run(60.0)
    decided(one, Priority.LOAD_SHEDDING, wanted=False, value=False)
    one.values["chiller_2.status"] = False
    one.run(600.0)
    assert one.state.on == ("chiller_1",)
    assert not one.state.change.active
    decided(one, Priority.OPERATOR, wanted=True, value=True)
    one.run(10.0)
    assert set(one.state.on) == {"chiller_1", "chiller_2"}


def test_a_machine_that_guards_hold_on_has_its_water_until_it_stands():
    """Somebody stronger wants it off, its minimum time on keeps it running: it must not lose its flow for that."""
    one = standing(bench(), ("chiller_1", "chiller_2"), 900.0)
    one.run(60.0)
    decided(one, Priority.LOAD_SHEDDING, wanted=False, value=True)
    found = one.run(300.0)
    assert found["chiller_2.enable"] is False
    for point in ("chilled_pump_2.enable", "condenser_pump_2.enable"):
        assert found[point] is True, point
    for point in ("chiller_2.chilled_valve_command", "chiller_2.condenser_valve_command"):
        assert found[point] == 100.0, point
    one.values["chiller_2.status"] = False
    found = one.run(30.0)
    assert found["chiller_2.chilled_valve_command"] == found["chiller_2.condenser_valve_command"] == 0.0
    assert found["condenser_pump_2.enable"] is False


def test_a_machine_at_its_own_panel_or_locked_out_is_left_alone():
    one = standing(bench(), ("chiller_1",), 500.0)
    assert one.run(10.0, locked=["chiller_2"])["chiller_2.enable"] is None


@pytest.mark.parametrize(
    ("without", "point", "value"),
    [
        (("loop.differential_pressure",), "chilled_pump_1.speed_command", None),
        (("loop.condenser_return_temp", "chiller.condenser_leaving_temp"), "tower_1.speed_command", None),
        (("chiller.chilled_water_flow", "loop.chilled_water_flow"), "bypass.valve_command", None),
        (("loop.requests", "loop.plant_requests"), "chiller_1.enable", True),
        (("chiller.status",), "chiller_1.enable", False),  # unseen is not taken as running
        (("tower.speed_command",), "tower_1.enable", True),
        (("pump.speed_command",), "condenser_pump_1.enable", True),
        (("bypass",), "chiller_1.enable", True),
        (("tower",), "chiller_1.enable", True),
    ],
)
def test_what_is_not_there_is_not_commanded(without, point, value):
    one = standing(bench(without=without), ("chiller_1",), 500.0)
    wishes = one.run(30.0)
    assert wishes[point] is value
    assert set(wishes) <= {p for m in one.area.equipment.values() for p in m.roles.values()}


def test_without_any_load_the_plant_is_given_back():
    one = standing(bench(without=("chiller.load",)), ("chiller_1",), 500.0)
    one.run(60.0)
    one.values["loop.chilled_water_flow"] = bad()
    assert one.run(300.0)["chiller_1.enable"] is True  # waited for
    assert set(one.run(400.0).values()) == {None}
    assert "own control" in one.reason("chiller_1.enable")
    one.values["loop.chilled_water_flow"] = 25.0
    assert one.run(10.0)["chiller_1.enable"] is True


def test_the_machines_own_load_stands_in_for_a_lost_flow_meter():
    one = standing(bench(), ("chiller_1",), 500.0)
    one.values["loop.chilled_water_flow"] = bad()
    one.run(1200.0)
    assert one.state.capacity.required == pytest.approx(500.0)


def test_without_nameplate_nothing_is_commanded():
    one = standing(bench(capacity=0.0), ("chiller_1",))
    assert set(one.run(10.0).values()) == {None}


@pytest.mark.parametrize(
    ("pump", "circuit"),
    [
        (machine("p7", "pump", ("enable", "condenser_flow")), Circuit.CONDENSER),
        (machine("p7", "pump", ("enable", "chilled_water_flow")), Circuit.CHILLED),
        (machine("cwp_1", "pump", ("enable",)), Circuit.CONDENSER),
        (machine("chwp_1", "pump", ("enable",)), Circuit.CHILLED),
        (machine("secondary_1", "pump", ("enable", "chilled_water_flow")), Circuit.SECONDARY),
        (machine("fire_pump", "pump", ("enable",)), None),
    ],
)
def test_which_water_a_pump_moves(pump, circuit):
    assert circuit_of(pump) is circuit


def closed_loop(one: Bench, of: CentralPlant, hours: float, start: float, wet: float) -> dict[str, float]:
    """Policy and physics by the minute, nothing between them. Sums in kWh and trips."""
    commands: dict[str, object] = {}
    sums = {"cooling": 0.0, "power": 0.0, "trips": 0.0, "warm": 0.0}
    tripped = False
    for minute in range(round(hours * 60.0)):
        of.step(60.0, commands, outdoors(start + minute * 60.0, wet))
        seen = of.outputs()
        one.values = {
            point: seen[point]
            for machine_ in one.area.equipment.values()
            for point in machine_.roles.values()
        }
        one.elapsed += 60.0
        one.tick()
        commands = {point: wish.value for point, wish in one.wishes.items() if wish.value is not None}
        sums["cooling"] += float(seen["loop.cooling"]) / 60.0
        sums["power"] += float(seen["loop.power"]) / 60.0
        sums["warm"] += (
            max(float(seen["loop.chilled_water_supply_temp"]) - one.state.setpoints.supply - 3.0, 0.0) / 60.0
        )
        alarm = any(bool(seen[f"{id_}.alarm"]) for id_ in ("chiller_1", "chiller_2"))
        sums["trips"] += alarm and not tripped
        tripped = alarm
    return sums


@pytest.mark.parametrize(
    ("dedicated", "wet", "better"),
    [(True, 26.0, 1.15), (False, 26.0, 1.15), (False, 16.0, 1.05)],  # all on, its fans on a thermostat
)
def test_closed_loop_saves_without_trips_and_short_cycling(dedicated, wet, better):
    noon = datetime(2026, 7, 15, 0, tzinfo=UTC).timestamp()
    shape = design()
    if not dedicated:
        shape = design(chilled=headered(shape.chilled), condenser=headered(shape.condenser))
    weak, ours = plant(shape, low=400.0, high=1700.0), plant(shape, low=400.0, high=1700.0)
    before = [machine_.starts for machine_ in ours.chillers]
    one = bench(dedicated=dedicated, capacity=1055.0, tick=60.0, bypass_by_itself=True)
    found = closed_loop(one, ours, 24.0, noon, wet)
    spent = cooled = 0.0
    for minute in range(24 * 60):
        weak.step(60.0, {}, outdoors(noon + minute * 60.0, wet))
        spent += weak.power / 60.0
        cooled += weak.delivered / 60.0
    assert found["trips"] == 0
    assert found["cooling"] == pytest.approx(cooled, rel=0.01)
    assert found["cooling"] / found["power"] > better * cooled / spent
    assert all(machine_.starts - was <= 3 for machine_, was in zip(ours.chillers, before, strict=True))
    assert found["warm"] < 3.0  # K h above set-point and three


@pytest.mark.parametrize("dedicated", [True, False])
def test_closed_loop_in_winter_the_towers_cool_alone(dedicated):
    shape = design()
    flow = sum(pump.design_flow for pump in shape.chilled.pumps)
    heads = {} if dedicated else {"chilled": headered(shape.chilled), "condenser": headered(shape.condenser)}
    shape = design(economiser=economiser(flow), **heads)
    of = plant(shape, low=400.0, high=1200.0)
    one = bench(dedicated=dedicated, capacity=1055.0, tick=60.0, bypass_by_itself=True)
    plates = machine("economiser", "economiser", ("enable", "status", "cooling", "chilled_water_setpoint"))
    air = replace(machine("air", "weather", ()), roles={"outdoor_wet_bulb": "loop.outdoor_wet_bulb"})
    more = model(plates, air)
    one.area = replace(
        one.area,
        equipment={**one.area.equipment, **more.equipment},
        points={**one.area.points, **more.points},
    )
    closed_loop(one, of, 6.0, 0.0, 3.0)  # it finds its way
    found = closed_loop(one, of, 12.0, 6.0 * 3600.0, 3.0)
    assert one.state.on == ()
    assert one.state.economiser.on
    assert found["trips"] == 0
    assert found["cooling"] / found["power"] > 10.0
    assert found["warm"] < 1.0
