"""The roles that policies bind to: what a point does for its equipment, whatever the make of the device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agent.core.point import ValueKind


@dataclass(frozen=True, slots=True)
class Role:
    """One role: the unit a point playing it must carry and what it means."""

    unit: str
    meaning: str
    kind: ValueKind = ValueKind.NUMBER
    inner: bool = False  # from one policy to another: its point is made where a policy writes it


_SWITCH = ValueKind.SWITCH

ROLES: Mapping[str, Role] = {
    # machines of any kind
    "enable": Role("", "start/stop command of the machine", _SWITCH),
    "status": Role("", "proven running (auxiliary contact, current switch, run bit)", _SWITCH),
    "alarm": Role("", "the machine reports a fault", _SWITCH),
    "local_mode": Role("", "switched to local control at its own panel", _SWITCH),
    "remote_mode": Role("", "command that hands the machine to us (true) or back (false)", _SWITCH),
    "available": Role("", "ready to be started", _SWITCH),
    "power": Role("kW", "electrical power drawn"),
    "energy": Role("kWh", "electrical energy register"),
    "speed_command": Role("%", "speed wanted of a frequency converter"),
    "speed": Role("%", "speed running"),
    "load": Role("%", "share of the present capacity in use"),
    "runtime": Role("h", "running hours"),
    "starts": Role("", "number of starts"),
    # chilled and condenser water
    "chilled_water_supply_temp": Role("degC", "chilled water leaving the machine or plant"),
    "chilled_water_return_temp": Role("degC", "chilled water coming back"),
    "chilled_water_setpoint": Role("degC", "wanted leaving temperature"),
    "chilled_water_flow": Role("l/s", "chilled water flow"),
    "differential_pressure": Role("kPa", "pressure difference that drives the loop"),
    "condenser_entering_temp": Role("degC", "condenser water entering the machine"),
    "condenser_leaving_temp": Role("degC", "condenser water leaving the machine"),
    "condenser_return_temp": Role("degC", "condenser water on its way to the towers"),
    "condenser_flow": Role("l/s", "condenser water flow"),
    "flow_proof": Role("", "flow switch made", _SWITCH),
    "demand_limit": Role("%", "limit on the machine's capacity or current"),
    "valve_command": Role("%", "valve opening wanted"),
    "valve": Role("%", "valve opening"),
    "chilled_valve_command": Role("%", "opening wanted of the machine's chilled-water isolation valve"),
    "chilled_valve": Role("%", "opening of the machine's chilled-water isolation valve"),
    "condenser_valve_command": Role("%", "opening wanted of the machine's condenser-water isolation valve"),
    "condenser_valve": Role("%", "opening of the machine's condenser-water isolation valve"),
    "cooling": Role("kW", "cooling delivered"),
    "cooling_energy": Role("kWh", "register of the cooling delivered"),
    "makeup_flow": Role("l/s", "water that replaces evaporation and blow-down"),
    "requests": Role("", "consumers that ask for colder water or more pressure"),
    "plant_requests": Role("", "consumers that ask for the plant to run"),
    "expected_cooling": Role("kW", "cooling foretold for the coming hour (a virtual point)", inner=True),
    "wanted_machines": Role(
        "", "machines that had best run, by their ids (a virtual point)", ValueKind.TEXT, inner=True
    ),
    "emergency": Role(
        "",
        "the plant is in an emergency: nothing is shed or optimised (a virtual point)",
        _SWITCH,
        inner=True,
    ),
    "power_limit": Role("kW", "most that the plant may draw now (grid, contract, or a virtual point)"),
    "demand_event": Role("", "a demand-response event is on", _SWITCH),
    "mains": Role("", "the utility feeds the plant (transfer switch; false: generator or nothing)", _SWITCH),
    # cold and heat stores
    "charge": Role("", "command to charge the store", _SWITCH),
    "discharge": Role("", "command to discharge the store", _SWITCH),
    "flow_command": Role("%", "flow wanted, of the design flow"),
    "tank_flow": Role("l/s", "flow into the store, negative out of it"),
    "state_of_charge": Role("%", "share of the store's capacity that is held"),
    "stored": Role("kWh", "energy held in the store"),
    "tank_top_temp": Role("degC", "water at the top of the store"),
    "tank_middle_temp": Role("degC", "water half-way up the store"),
    "tank_bottom_temp": Role("degC", "water at the bottom of the store"),
    # heating water
    "hot_water_supply_temp": Role("degC", "heating water leaving the machine or plant"),
    "hot_water_return_temp": Role("degC", "heating water coming back"),
    "hot_water_setpoint": Role("degC", "wanted leaving temperature of heating water"),
    "hot_water_flow": Role("l/s", "heating water flow"),
    "heating": Role("kW", "heat delivered"),
    "heating_energy": Role("kWh", "register of the heat delivered"),
    "source_entering_temp": Role("degC", "water or air that a heat pump takes its heat from"),
    "source_leaving_temp": Role("degC", "the same, behind the heat pump"),
    "source_flow": Role("l/s", "flow on the source side of a heat pump"),
    "defrost": Role("", "the heat pump is thawing its coil", _SWITCH),
    # weather and rooms
    "outdoor_dry_bulb": Role("degC", "outdoor air temperature"),
    "outdoor_wet_bulb": Role("degC", "outdoor wet-bulb temperature"),
    "outdoor_humidity": Role("%", "outdoor relative humidity"),
    "zone_temp": Role("degC", "room air temperature"),
    "zone_humidity": Role("%", "room relative humidity"),
    "zone_setpoint": Role("degC", "wanted room temperature"),
    "occupied": Role("", "the room is in use", _SWITCH),
    "window_open": Role("", "a window or door to outside is open", _SWITCH),
    # air
    "carbon_dioxide": Role("ppm", "carbon dioxide in the room air"),
    "carbon_monoxide": Role("ppm", "carbon monoxide in the air"),
    "damper_command": Role("%", "fresh-air damper opening wanted"),
    "damper": Role("%", "fresh-air damper opening"),
    "supply_air_flow": Role("l/s", "air brought in from outside"),
    "exhaust_air_flow": Role("l/s", "air taken out"),
    "room_pressure": Role("Pa", "pressure of the room above the outside"),
    # lighting
    "lamp_level": Role("%", "light level wanted of a lamp group"),
    "lamp_level_status": Role("%", "light level running"),
    "lamp_switch": Role("", "lamp group on/off", _SWITCH),
    "presence": Role("", "radar or motion sensor sees somebody", _SWITCH),
    "illuminance": Role("lx", "measured illuminance"),
    "keep_on": Role(
        "", "somebody wants the light to stay on: wall button, or a virtual point set by phone", _SWITCH
    ),
    "scene": Role("", "light scene called up by its name (a virtual point)", ValueKind.TEXT),
}
