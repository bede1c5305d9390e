"""How the devices of the demonstration site are wired to its plant: which terminal goes to which machine."""

from __future__ import annotations

from collections.abc import Mapping

from hil.servers.device import Look, Wiring, constant, variable

DRIVE_SILENCE = 120.0  # s, parameter 8-04 of the drives
MODULE_SILENCE = 60.0  # s, I/O module and lamp gateway
GROUPS = ("ramp", "aisle_a", "aisle_b", "aisle_c", "aisle_d", "aisle_e", "aisle_f", "stairs")


def demo_wiring() -> Mapping[str, Wiring]:
    """By device id of the site file."""
    return {
        "ch1": _chiller("chiller_1"),
        "ch2": _chiller("chiller_2"),
        "chwp1": _drive("chilled_pump_1"),
        "chwp2": _drive("chilled_pump_2"),
        "cwp1": _drive("condenser_pump_1"),
        "cwp2": _drive("condenser_pump_2"),
        "fan1": _drive("tower_1"),
        "io": _plant_io(),
        "pm1": _meter("chiller_1"),
        "pm2": _meter("chiller_2"),
        "pm3": _meter("garage"),
        "lamps": _lamps(),
        "weather": Wiring(
            looks={
                "outdoor_temp": variable("weather.outdoor_dry_bulb"),
                "outdoor_humidity": variable("weather.outdoor_humidity"),
            }
        ),
        "zones": Wiring(looks={f"temp_{n}": variable(f"zone_{n}.zone_temp") for n in range(1, 5)}),
    }


def _chiller(name: str) -> Wiring:
    looks = {
        "chilled_water_setpoint_active": variable(f"{name}.chilled_water_setpoint"),
        "current_limit_active": variable(f"{name}.demand_limit"),
        "status_bits": constant(0),
        "compressor_bits": constant(0),
        "evaporator_refrigerant_temp": constant(4.2),
        "condenser_refrigerant_temp": constant(36.5),
    }
    return Wiring(objects={"": name}, looks=looks)


def _drive(name: str) -> Wiring:
    looks = {
        "control_ready": constant(True),
        "bus_control": constant(True),
        "output_frequency": variable(f"{name}.speed", 0.5),
        "output_current": variable(f"{name}.power", 1.75),
        "motor_voltage": variable(f"{name}.speed", 4.0),
        "dc_link_voltage": constant(565.0),
        "motor_thermal": variable(f"{name}.speed", 0.6),
        "drive_thermal": variable(f"{name}.speed", 0.4),
        "heatsink_temp": constant(41.0),
        "alarm_word": constant(0),
        "operating_time": constant(48_200.0),
    }
    return Wiring(objects={"": name}, looks=looks, watchdog=DRIVE_SILENCE)


def _plant_io() -> Wiring:
    looks: dict[str, Look] = {
        "condenser_supply_temp": variable("loop.condenser_entering_temp"),
        "condenser_return_temp": variable("loop.condenser_return_temp"),
        "condenser_flow": variable("loop.condenser_flow"),
        "watchdog_time": constant(MODULE_SILENCE),
        "heartbeat": constant(0),
    }
    pumps = ("chilled_pump_1", "chilled_pump_2", "condenser_pump_1", "condenser_pump_2")
    looks |= {f"pump_status_{n}": variable(f"{name}.status") for n, name in enumerate(pumps, start=1)}
    for n in (1, 2):
        looks[f"chiller_flow_switch_{n}"] = variable(f"chiller_{n}.flow_proof")
        looks[f"chiller_alarm_{n}"] = variable(f"chiller_{n}.alarm")
    looks |= {f"local_mode_{n}": constant(False) for n in range(1, 5)}
    looks |= {f"output_{n}": constant(100.0) for n in range(1, 9)}
    return Wiring(
        objects={"": "loop"}, looks=looks, commands={"relay_1": "street.lamp_switch"}, watchdog=MODULE_SILENCE
    )


def _meter(name: str) -> Wiring:
    power, energy = f"{name}.power", f"{name}.energy"
    looks: dict[str, Look] = {
        "power_factor": constant(0.9),
        "frequency": constant(50.0),
        "phase_angle": constant(25.8),
        "apparent_power": variable(power, 1 / 0.9),
        "reactive_power": variable(power, 0.484),
        "energy_total": variable(energy),
        "reactive_energy_import": variable(energy, 0.484),
        "reactive_energy_total": variable(energy, 0.484),
        "voltage_thd": constant(1.8),
    }
    for phase, volts in (("l1", 231.4), ("l2", 230.2), ("l3", 232.1)):
        looks |= {
            f"voltage_{phase}": constant(volts),
            f"current_{phase}": variable(power, 1000.0 / 3.0 / 0.9 / volts),
            f"power_{phase}": variable(power, 1 / 3),
            f"apparent_power_{phase}": variable(power, 1 / 2.7),
            f"reactive_power_{phase}": variable(power, 0.484 / 3),
            f"power_factor_{phase}": constant(0.9),
            f"voltage_thd_{phase}": constant(1.8),
            f"energy_import_{phase}": variable(energy, 1 / 3),
            f"energy_total_{phase}": variable(energy, 1 / 3),
            f"reactive_energy_import_{phase}": variable(energy, 0.484 / 3),
            f"reactive_energy_total_{phase}": variable(energy, 0.484 / 3),
        }
        looks |= {f"{kind}_export_{phase}": constant(0.0) for kind in ("energy", "reactive_energy")}
    looks |= {"energy_export": constant(0.0), "reactive_energy_export": constant(0.0)}
    return Wiring(objects={"": name}, looks=looks)


def _lamps() -> Wiring:
    looks = {
        "watchdog_time": constant(MODULE_SILENCE),
        "safe_level": constant(100.0),
        "heartbeat": constant(0),
    }
    objects = {str(place): name for place, name in enumerate(GROUPS, start=1)}
    return Wiring(objects=objects, looks=looks, watchdog=MODULE_SILENCE)
