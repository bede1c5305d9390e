"""What the sequence reads, what it does without, and what it commands."""

from __future__ import annotations

from agent.core.command import Priority
from agent.core.policy import RoleClaim, RoleNeed


def _may(role: str, equipment: str, without: str) -> RoleNeed:
    return RoleNeed(role, equipment, required=False, without=without)


READS: tuple[RoleNeed, ...] = (
    RoleNeed("status", "chiller", without="starts and stops are believed after their time"),
    _may("load", "chiller", "no demand limit while staging; the loop alone gives the load"),
    _may("alarm", "chiller", "faults are seen by the run status alone"),
    _may("local_mode", "chiller", "taken as under remote control"),
    _may("available", "chiller", "taken as ready"),
    _may("runtime", "chiller", "hours are counted here"),
    _may("starts", "chiller", "starts are counted here"),
    _may("power", "chiller", "no EER-sys and no COP"),
    _may("cooling", "chiller", "COP by load and capacity"),
    _may("chilled_water_flow", "chiller", "minimum flow by the loop's meter"),
    _may("chilled_water_supply_temp", "chiller", "lift by the loop's supply"),
    _may("condenser_leaving_temp", "chiller", "lift by the loop's condenser return"),
    _may("condenser_flow", "chiller", "condenser pumps at their balanced speed"),
    _may("chilled_valve", "chiller", "its stroke is believed after its time"),
    _may("status", "pump", "taken as running when commanded"),
    _may("speed", "pump", "a takeover begins at full speed"),
    _may("status", "tower", "taken as running when commanded"),
    _may("valve", "tower", "its stroke is believed after its time"),
    RoleNeed("chilled_water_flow", "loop", without="load by the machines' own; without those given back"),
    RoleNeed(
        "chilled_water_return_temp", "loop", without="load by the machines' own; without those given back"
    ),
    _may("chilled_water_supply_temp", "loop", "the warmest running machine counts"),
    _may("differential_pressure", "loop", "pump speed is left to the pumps"),
    _may("condenser_return_temp", "loop", "the machines' own; without those fan speed is left to the towers"),
    _may("condenser_entering_temp", "loop", "the machines' own"),
    _may("condenser_flow", "loop", "condenser pumps at their balanced speed"),
    _may("power", "loop", "the sum of all meters"),
    _may("requests", "loop", "valves or rooms ask; without those there is no reset"),
    _may("plant_requests", "loop", "valves or rooms ask; without those the schedule decides"),
    _may("valve", "coil", "no requests of this coil"),
    _may("zone_temp", "zone", "no requests of this room"),
    _may("zone_humidity", "zone", "damp rooms are not seen"),
    _may("outdoor_dry_bulb", "weather", "no lockout"),
    _may("outdoor_humidity", "weather", "`supply_max` holds on damp days too"),
    _may("outdoor_wet_bulb", "weather", "from temperature and humidity"),
    _may("cooling", "economiser", "by the predicted water"),
    _may("enable", "plant", "no switch for the whole plant"),
)

CLAIMS: tuple[RoleClaim, ...] = tuple(
    RoleClaim(role, equipment, Priority.SEQUENCE)
    for equipment, roles in {
        "chiller": (
            *("enable", "chilled_water_setpoint", "demand_limit"),
            *("chilled_valve_command", "condenser_valve_command"),
        ),
        "pump": ("enable", "speed_command"),
        "tower": ("enable", "speed_command", "valve_command"),
        "bypass": ("valve_command",),
        "economiser": ("enable", "chilled_water_setpoint"),
    }.items()
    for role in roles
)
