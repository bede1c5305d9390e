#!/usr/bin/env python3
"""The words of docs/site-file.md that no declaration carries: what the sections are for, what their keys mean."""

from __future__ import annotations

INTRODUCTION = """# The site file

One YAML 1.2 file describes a site. `plantroom check site.yaml` finds every mistake at once. This page is made from the
declarations the check itself uses (`.venv/bin/python docs/make_site_file.py`).

- Quantities may carry a unit: `10 s`, `5 min`, `7 degC`, `1055 kW`, `60 %`; a plain number is in the unit named here.
- Names of buses, devices, areas, equipment and policies are yours; a point's id is `<device>.<point>`.
- `{secret: name}` stands for the content of `secrets/name` beside the site file (mode 0600), `{file: path}` for a file,
  `{folder: path}` for a folder, both relative to the site file.

An example with everything in it is `hil/sites/demo.yaml`; a small one is in the README, tested step by step:

```yaml
version: 1
site: {name: Cloud City, latitude: 22.55, longitude: 114.06, timezone: Asia/Shanghai}
buses:
  plant: {kind: modbus-tcp, host: 10.0.0.20}
  meters: {kind: modbus-rtu, port: /dev/ttyUSB0, baudrate: 9600, parity: even}
devices:
  ch1: {profile: trane_rthd_pic, bus: plant, unit: 1, name: Chiller 1}
  pm1: {profile: eastron_sdm630, bus: meters, unit: 11}
areas:
  plant: {tick: 10 s, authority: shadow}
equipment:
  chiller_1: {kind: chiller, area: plant, device: ch1, capacity: 1055 kW, power: pm1.power, energy: pm1.energy}
policies:
  shed: {kind: chiller_plant.load_shedding, area: plant, shed_below: 60 %, minimum_units: 1}
interlocks:
  - {id: cold, point: ch1.enable, value: false, when: "ch1.chilled_water_supply_temp < 3.5 degC", reason: must not freeze}
```

The file begins with `version: 1`; `version` and `site` are required, every other section may be left out.
"""

ABOUT = {
    "site": "Where it is: the sun, the calendar and the reports need it.",
    "buses": "A line or a socket, by name. Its kind decides what else may stand there.",
    "devices": "A device on a bus, by name: a profile of the library, or points of your own, or both.",
    "areas": "Equipment that is decided together, by name.",
    "modes": """One switch re-parameterises all policies of an area: `plantroom mode plant energy_saving --for 4h`, or the page. `--preview` shows what
would change. The names are yours. A person's choice ends at its time or when somebody ends it; while nobody has chosen, the first
mode whose hours it is holds (if the clock can be trusted), else what the policies' own entries say.

```yaml
areas:
  plant:
    tick: 10 s
    modes:
      energy_saving: {help: fewer machines, policies: {shed: {shed_below: 70 %, dwell: 10 min}}}
      enhanced: {help: before an event, policies: {shed: {minimum_units: 2}}, when: [{days: working, start: "7:00", end: "9:00"}]}
```
""",
    "spans": "A mode lasts from `start` to `end` on these days, by the site's own clock; the day is the one it began on.",
    "twin": """A simulated twin for previews, as `{file: plant.yaml}`: a plant file as in `docs/hil.md`. `plantroom preview` then says what a change would
have cost, beside what it would have commanded.
""",
    "equipment": (
        "A machine, lamp group, zone, loop, meter ... by name. Every other key is a role bound to a point (`power: pm1.power`), a "
        "nameplate number (`capacity: 1055 kW`) or a setting (`orientation: south`). The points of `device` bind themselves by the roles "
        "of its profile."
    ),
    "guards": "What the machine must be spared, whoever asks. 0 or left out: that guard does not apply.",
    "roles": "What a point does for its equipment. A point that plays a role has that role's unit.",
    "policies": "A policy at work in an area, by name: `kind`, `area`, and its parameters. They can be tuned on the page, inside their bounds.",
    "interlocks": "A list. While `when` holds, the point is held at `value`, whoever wants something else.",
    "virtual": "A point that exists only inside the agent, by name; its id is `virtual.<name>`.",
    "uplinks": "Where samples are delivered, by name. Each uplink has its own place in the store and catches up after an outage.",
    "store": "Where data lie and how much of it is kept. When the space is used up the oldest goes, and a gap record says so.",
    "web": "The page and the command line's socket.",
    "lease": "Where several boxes reach one plant: the one that holds this register acts, the others watch, and one of them takes over.",
}

MEANING = {
    ("site", "name"): "shown on the page, and the key of all data in the cloud: do not change it later",
    ("site", "latitude"): "degrees, north positive",
    ("site", "longitude"): "degrees, east positive",
    ("site", "timezone"): "such as Asia/Shanghai; schedules are in this time",
    ("site", "currency"): "such as CNY, for reports",
    ("site", "clock"): "whether the box's clock is believed without battery clock or NTP in sight",
    ("devices", "bus"): "the bus it is on",
    (
        "devices",
        "profile",
    ): "id of the device library (`plantroom profiles`) or of `profiles/` beside the site file",
    ("devices", "name"): "for people",
    ("devices", "poll"): "how often its points are read, s, where the point does not say; else the profile's",
    (
        "devices",
        "points",
    ): "own points, or changes to the profile's, a line each (`drivers/profiles/README.md`)",
    ("areas", "tick"): "how often it is decided, s (0.02 to 3600)",
    ("areas", "authority"): "who is in charge until somebody says otherwise",
    ("areas", "wake_on"): "roles whose readings wake the area at once, such as `[presence]`",
    ("areas", "wake_spacing"): "shortest time between two such wakes, s",
    ("areas", "minimum_running"): "units of a kind that stay in any case: `{chiller: 1}`",
    (
        "areas",
        "start_spacing",
    ): "least time between the starts of any two machines, also after a power failure, s",
    (
        "areas",
        "mains",
    ): "what several areas are fed from: `{name: transformer_1, spacing: 1 min}` in each of them. Machines with a `rated_power` "
    "(all, where none has one) then start by turns, the areas one after the other, so far apart",
    ("areas", "start_cap"): "no start that would lift the measured power above what mains or generator bear: "
    "`{power: pm0.power, limit: 400 kW, when: io.generator_runs}`; every machine then needs its `rated_power`. "
    "`when` is a switch that says the cap is in force (left out: always); what cannot be read counts as the worst",
    ("areas", "modes"): "other parameters for the area's policies, by name: see below",
    ("modes", "help"): "for people: what it is good for",
    (
        "modes",
        "policies",
    ): "parameters by policy: `{shed: {shed_below: 70 %}}`; what is not named stays as it is",
    ("modes", "when"): "a list of hours in which the calendar chooses it, while nobody has chosen: see below",
    ("spans", "days"): "working days, days off, or all",
    ("spans", "start"): 'time of day from which, `"22:00"`',
    ("spans", "end"): "time of day until which; at or before `start` it lasts over midnight",
    (
        "spans",
        "calendar",
    ): "whose working days: `cn` (mainland China), `weekly` (Saturday and Sunday off), `daily`",
    ("equipment", "kind"): "chiller, pump, tower, loop, weather, zone, lamp_group, meter ...",
    ("equipment", "area"): "the area it belongs to",
    ("equipment", "device"): "the device whose roles it takes",
    ("equipment", "group"): "which channel of that device, for devices with many",
    ("equipment", "name"): "for people",
    (
        "equipment",
        "change_over",
    ): "the machine falls back to its own control when the box dies (switch, parameter of the drive)",
    ("equipment", "next_to"): "neighbours, for light that goes ahead",
    ("equipment", "guards"): "see below",
    ("guards", "minimum_on"): "s",
    ("guards", "minimum_off"): "s",
    ("guards", "start_to_start"): "s between two starts",
    ("guards", "starts_per_hour"): "most starts in any hour",
    ("guards", "proof_of_flow"): "point that must be on (or above `flow_minimum`) before and while it runs",
    ("guards", "flow_minimum"): "in the unit of `proof_of_flow`",
    ("guards", "run_on"): "s it keeps running after the machines it serves have stopped",
    ("guards", "serves"): "machines that need this one, for pumps and towers",
    ("interlocks", "id"): "its name in reasons and alarms",
    ("interlocks", "point"): "what is held",
    ("interlocks", "value"): "at what",
    (
        "interlocks",
        "when",
    ): "a point, a comparison (`<`, `<=`, `>`, `>=`, `==`, `!=`) and a value with its unit",
    ("interlocks", "reason"): "a sentence for people",
    ("interlocks", "max_age"): "s; an older reading counts as lost",
    ("interlocks", "hold"): "s it stays tripped after the condition has gone",
    ("interlocks", "trip_on_loss"): "a lost reading trips it",
    ("interlocks", "beats_life_safety"): "it has the word over priorities 1 and 2 too",
    ("interlocks", "only_when"): "only where the point is to be set to this value",
    ("virtual", "unit"): "its unit",
    ("virtual", "kind"): "where it cannot be seen from the role",
    ("virtual", "role"): "the role it plays",
    ("virtual", "label"): "for people",
    ("virtual", "data_class"): "how it may be passed on",
    ("virtual", "default"): "its value when nobody sets it",
    ("virtual", "low"): "lowest value",
    ("virtual", "high"): "highest value",
    ("store", "path"): "the database, relative to the site file",
    ("store", "max_bytes"): "most space for samples",
    ("store", "keep_days"): "longest time for samples",
    ("store", "commit_interval"): "what a power cut may cost",
    ("store", "audit_max_bytes"): "space for the audit chain, of its own",
    ("web", "host"): "address of the page; 0.0.0.0 for all networks (control needs a login in any case)",
    ("web", "port"): "its TCP port; 0 for any free one",
    ("web", "socket"): "the command line's door, relative to the site file",
    ("web", "certificate"): "`{file: ...}`: the page over HTTPS, with `key`",
    ("web", "key"): "`{file: ...}`",
}

UNIT = {
    ("store", "max_bytes"): "B",
    ("store", "audit_max_bytes"): "B",
    ("store", "keep_days"): "d",
    ("store", "commit_interval"): "s",
}
