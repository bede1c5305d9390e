"""The words a scenario file may hold, section by section, and what goes with what: for the reader and for the schema."""

from __future__ import annotations

from collections.abc import Mapping

SECTIONS: Mapping[str, str] = {
    "version": "1",
    "name": "what the story is called in reports",
    "help": "what happens and what is to be learned, for the report",
    "site": "demo, a folder of hil/sites, or the path of a folder with site.yaml and plant.yaml",
    "areas": "the areas the agent knows in this story; the others are left to their own control",
    "weather": "an EnergyPlus weather file (.epw), or shenzhen, wuhan, beijing, singapore",
    "start": "local time of the site, 2026-07-15 13:00",
    "length": "how long the story is: 90 s, 30 min, 3 h, 365 d",
    "warm_up": "under local control, before the story begins",
    "seed": "of weather, people, sensors and the storm: the same seed, the same story",
    "pace": "on virtual time: between steps of the plant, readings and ticks",
    "speed": "of the live bench: how many times as fast as life",
    "sensors": "true: noise, bias and lag as bought; false: the truth; or changes by point, role or unit",
    "steps": "what happens",
    "storm": "every kind of fault in random order",
    "expect": "what must and must not come of it",
    "abort_if": "conditions that end the run at once",
    "kpis": "figures with the band they must lie in",
    "counting": "what is counted in the figures, where the kinds of the equipment do not say it",
    "record": "variables of the plant for recording.csv; * stands for anything",
    "plots": "variables of the plant, one drawing a line; * stands for anything",
    "rig": "buses that are hardware, and what may be written to them",
}

VERBS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "throw": ("a fault: device:ch1 freeze, bus:plant loss, plant:chiller_1.trip", ("amount", "for")),
    "mend": ('the place of a fault; "*" is everything', ()),
    "override": ("a point; without value it is given back", ("value", "for", "reason")),
    "authority": ("an area and who is in charge of it: plant bms", ()),
    "force": ("an input of the plant; without value it is let go", ("value",)),
    "lock_out": ("a machine somebody works on", ()),
    "unlock": ("a machine that is free again", ()),
}
"""What a step may be, and the words that go with it."""

STEP: Mapping[str, str] = {
    "at": "after the start (90 s, 2 h), or the next clock time (14:30)",
    "name": "how expectations refer to it",
    "amount": "how much, in the unit of the fault",
    "for": "how long",
    "value": "in the unit of the point or input, or with a unit",
    "reason": "why, for the audit record",
}

KINDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "within": ("the longest time it may take", ("that", "after", "holds")),
    "always": ("a condition that is never untrue", ("from", "until", "except", "tolerated")),
    "never": ("a condition that is never true", ("from", "until", "except", "tolerated")),
    "finally": ("a condition that is true at the end", ()),
}
"""What an expectation may be, and the words that go with it."""

EXPECTATION: Mapping[str, str] = {
    "name": "as the report calls it",
    "that": "the condition that must come true",
    "after": "the step, or time, from which on the time counts: trip, 10 min after trip, 2 h, 14:30",
    "holds": "how long it must stay true",
    "from": "when the window opens: trip, 10 min after trip, 2 h, 14:30",
    "until": "when the window closes",
    "except": "spared: 10 min after trip is the ten minutes from that step on; more than one with commas",
    "tolerated": "how long a violation may last without being one",
    "tolerance": "widens every number of the condition",
}

STORM: Mapping[str, str] = {
    "from": "the first fault",
    "until": "no new fault from then on",
    "every": "between two faults",
    "for": "how long each stands",
}
COUNTING: Mapping[str, str] = {
    "machines": "objects whose power is the plant's",
    "cooling": "variables that are delivered cooling",
    "comfort": "when which rooms count, and the band",
    "lux": "illuminance below which it is too dark",
    "carbon": "kg/kWh; say where it comes from",
    "tariff": "a name of hil/data/tariffs.json",
    "feed_in": "paid for a kWh that is given to the grid; without it the price of the hour",
    "fuels": "variables of fuel or bought heat in kW, with the price of a kWh",
}
COMFORT: Mapping[str, str] = {
    "band": "two temperatures",
    "hours": "08:00-18:00",
    "zones": "rooms that count",
    "working_days": "Monday to Friday only",
}
BOUNDS: Mapping[str, str] = {
    "low": "least value that may be written",
    "high": "greatest value that may be written",
    "rate": "fastest change in a second",
}
ADDRESS: Mapping[str, str] = {
    "port": "serial port, or number of the port",
    "host": "address",
    "url": "of an OPC UA server",
    "baudrate": "of the line",
    "parity": "none, even, odd",
    "stopbits": "1 or 2",
    "timeout": "seconds",
}

FIGURES: Mapping[str, str] = {
    "hours": "h",
    "kwh": "kWh",
    "cooling_kwh_th": "kWh of cold",
    "eer_sys": "kWh of cold a kWh",
    "cost": "in the currency of the tariff",
    "peak_kw": "kW, mean of a quarter of an hour",
    "carbon_kg": "kg",
    "degree_hours": "K h outside the band",
    "lux_minutes_below": "min, somebody there and too dark",
    "stored_kwh_change": "kWh in water, tanks and rooms",
    "starts": "times",
    "shortest_on_s": "s",
    "shortest_off_s": "s",
    "writes": "times",
    "dark_arrivals": "times, somebody came and it was dark",
    "dark_seconds": "s",
    "late_appearances": "times, the light came after the person",
    "late_switch_on_seconds": "s after the street needed light",
    "burning_by_day_seconds": "s",
    "exact_energy": "kWh, lamps that followed people exactly",
    "needed_energy": "kWh, lamps just as long as they are needed",
    "renewable_energy": "kWh of heat out of air and ground",
    "fuel_energy": "kWh of gas and bought heat",
    "cool_litres": "l of tap water below 40 degC",
}
"""The figures of a run, with their unit."""
MACHINE_FIGURES = ("kwh", "starts", "shortest_on_s", "shortest_off_s")
"""Those there are of single machines too: kwh.chiller_1. `writes` is there of single points."""
