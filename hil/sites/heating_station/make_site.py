"""Writes site.yaml of the heating station: the points of five like machines are one list here."""  # noqa: INP001 - sites are folders of files, not packages

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

HEAD = """\
# A heating station as an installer writes it (made by make_site.py): controllers of the sources and the station's panel on Modbus.
version: 1
site: {name: Heating station (simulated), latitude: 39.9, longitude: 116.4, timezone: Asia/Shanghai, currency: CNY}

buses:
  machines: {kind: modbus-tcp, host: 127.0.0.1, port: 15300}
  panel: {kind: modbus-tcp, host: 127.0.0.1, port: 15301}

devices:
"""
MACHINES = (
    ("hp1", "Air heat pump 1", True),
    ("hp2", "Air heat pump 2", True),
    ("hp3", "Ground heat pump", True),
    ("boiler", "Gas boiler", False),
    ("heater", "Electric heater", False),
)
PANEL = """\
  panel:
    bus: panel
    unit: 1
    name: Panel of the station
    points:
      supply_temp: {table: input, address: 0, type: int16, scale: 0.1, unit: degC, plausible: [-20, 110]}
      return_temp: {table: input, address: 1, type: int16, scale: 0.1, unit: degC, plausible: [-20, 110]}
      flow: {table: input, address: 2, scale: 0.1, unit: l/s, plausible: [0, 500]}
      tank_top: {table: input, address: 3, type: int16, scale: 0.1, unit: degC, plausible: [-20, 110]}
      tank_middle: {table: input, address: 4, type: int16, scale: 0.1, unit: degC, plausible: [-20, 110]}
      tank_bottom: {table: input, address: 5, type: int16, scale: 0.1, unit: degC, plausible: [-20, 110]}
      hot_water: {table: input, address: 6, type: int16, scale: 0.1, unit: degC, plausible: [-20, 110]}
      outdoor: {table: input, address: 7, type: int16, scale: 0.1, unit: degC, plausible: [-50, 60]}
      room: {table: input, address: 8, type: int16, scale: 0.1, unit: degC, plausible: [-20, 60]}
      grid: {table: input, address: 9, type: int16, scale: 0.1, unit: kW, label: Power of the station less its photovoltaics}
      mixing: {table: holding, address: 0, scale: 0.1, unit: degC, access: read_write, low: 25 degC, high: 60 degC, release: {value: 50 degC}, persistence: ram, tolerance: 0.2}
      hot_water_charge: {table: coil, address: 0, access: read_write, release: {value: true}, on_loss: default, default: true, persistence: ram, settle: 2 s, refresh: 1 min}

areas:
  station: {tick: 30 s, authority: agent, start_spacing: 1 min}

equipment: # change_over: when the box falls silent every source goes by its own thermostat
"""
EQUIPMENT = {
    "heat_pump_1": ("heat_pump", "hp1", "Air heat pump 1", "source: air, capacity: 200 kW, rated_cop: 2.0, rated_source_temp: -7 degC, rated_supply_temp: 45 degC, lowest_source_temp: -20 degC, highest_supply_temp: 55 degC, guards: {minimum_on: 15 min, minimum_off: 10 min, starts_per_hour: 3}"),
    "heat_pump_2": ("heat_pump", "hp2", "Air heat pump 2", "source: air, capacity: 200 kW, rated_cop: 2.0, rated_source_temp: -7 degC, rated_supply_temp: 45 degC, lowest_source_temp: -20 degC, highest_supply_temp: 55 degC, guards: {minimum_on: 15 min, minimum_off: 10 min, starts_per_hour: 3}"),
    "heat_pump_3": ("heat_pump", "hp3", "Ground heat pump", "source: ground, capacity: 260 kW, rated_cop: 3.5, rated_source_temp: 0 degC, rated_supply_temp: 45 degC, lowest_source_temp: -2 degC, highest_supply_temp: 65 degC, yearly_heat: 500000, guards: {minimum_on: 15 min, minimum_off: 10 min, starts_per_hour: 3}"),
    "boiler_1": ("boiler", "boiler", "Gas boiler", "capacity: 600 kW, efficiency: 0.97, highest_supply_temp: 85 degC, guards: {minimum_on: 5 min, minimum_off: 5 min}"),
    "heater_1": ("electric_heater", "heater", "Electric heater", "capacity: 100 kW, highest_supply_temp: 85 degC"),
}  # fmt: skip
REST = """\
  heating: # the mixing valve gives the building no warmer water than it needs
    kind: loop
    area: station
    name: Heating water
    change_over: true
    hot_water_supply_temp: panel.supply_temp
    hot_water_return_temp: panel.return_temp
    hot_water_flow: panel.flow
    hot_water_setpoint: panel.mixing
  tank: {kind: tank, area: station, name: Heating tank, volume: 80 m3, tank_top_temp: panel.tank_top, tank_middle_temp: panel.tank_middle, tank_bottom_temp: panel.tank_bottom}
  hot_water: {kind: hot_water_tank, area: station, name: Hot tap water, change_over: true, charge: panel.hot_water_charge, tank_top_temp: panel.hot_water}
  outdoor_air: {kind: weather, area: station, outdoor_dry_bulb: panel.outdoor}
  rooms: {kind: zone, area: station, name: Reference rooms, zone_temp: panel.room}
  grid: {kind: grid_meter, area: station, name: Meter of the station, power: panel.grid}

policies:
  heat:
    kind: heating_plant.dispatch
    area: station
    # periods and ratios of Hubei (two valleys, evening peak) on 0.66 CNY/kWh, as tariff `hubei_single_part` of the test bench
    tariff: ["0:00-6:00 12:00-14:00 0.297", "16:00-18:00 20:00-24:00 0.9834", "18:00-20:00 1.32", "7-8: 16:00-20:00 22:00-24:00 0.9834", "7-8: 20:00-22:00 1.32", "otherwise 0.66"]
    feed_in_price: 0.3
    gas_price: 0.30 # 3.0 CNY/m3 at 9.97 kWh/m3
    design_outdoor: -7.6 degC
    supply_cold: 48 degC
    design_load: 900 kW
    tank_lift: 6 K
"""


def main() -> None:
    """Beside this file."""
    path = Path(__file__).with_name("site.yaml")
    path.write_text("".join((HEAD, *_devices(), PANEL, *_equipment(), REST)), encoding="utf-8")


def _devices() -> Iterator[str]:
    for unit, (name, label, pump) in enumerate(MACHINES, start=1):
        yield f"  {name}:\n    bus: machines\n    unit: {unit}\n    name: {label}\n    points:\n"
        yield "      start: {table: coil, address: 0, access: read_write, role: enable, release: {value: true}, safe_end: high, on_loss: default, default: true, persistence: ram, settle: 5 s, refresh: 1 min}\n"
        for place, role in enumerate(("status", "alarm", "available")):
            yield f"      {role}: {{table: discrete, address: {place}, role: {role}}}\n"
        yield "      setpoint: {table: holding, address: 0, scale: 0.1, unit: degC, access: read_write, role: hot_water_setpoint, low: 25 degC, high: 85 degC, release: prior, persistence: ram, tolerance: 0.2}\n"
        yield "      leaving: {table: input, address: 0, type: int16, scale: 0.1, unit: degC, role: hot_water_supply_temp, plausible: [-20, 110]}\n"
        yield "      heat: {table: input, address: 1, type: int16, scale: 0.1, unit: kW, role: heating}\n"
        yield "      power: {table: input, address: 2, scale: 0.1, unit: kW, role: power}\n"
        yield "      hours: {table: input, address: 3, unit: h, role: runtime}\n"
        if pump:
            yield "      source: {table: input, address: 4, type: int16, scale: 0.1, unit: degC, role: source_entering_temp, plausible: [-40, 50]}\n"
            yield "      defrost: {table: discrete, address: 3, role: defrost}\n"


def _equipment() -> Iterator[str]:
    for id_, (kind, device, name, rest) in EQUIPMENT.items():
        yield f"  {id_}: {{kind: {kind}, area: station, device: {device}, name: {name}, change_over: true, {rest}}}\n"


if __name__ == "__main__":
    main()
