"""One thing made wrong at a time: where it is said to be, what is said, and the mend."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.config.check import CheckReport, check_site
from agent.core.site import Catalogue

Check = Callable[..., CheckReport]


@pytest.fixture
def check(site_text: str, write_site: Callable[[str], Path], catalogue: Catalogue) -> Check:
    def run(old: str = "", new: str = "", add: str = "") -> CheckReport:
        assert old in site_text
        return check_site(write_site(site_text.replace(old, new, 1) + add), catalogue)

    return run


# what stands there, what is written instead, what is said, the mend
WRONG = [
    ("version: 1", "version: 2", "version 2 is not known", "version: 1"),
    ("devices:", "devicse:", "'devicse' is not a section known here", "did you mean 'devices'?"),
    ("latitude: 22.55", "latitude: 122.55", "out of bounds", "90"),
    ("latitude: 22.55, ", "", "'latitude' is missing", "add latitude"),
    ("Asia/Shanghai", "Asia/Shangai", "no time zone", "did you mean 'Asia/Shanghai'?"),
    ("kind: tcp", "kind: tpc", "no bus kind 'tpc'", "did you mean 'tcp'?"),
    ("host: 10.0.0.20", "hots: 10.0.0.20", "'hots' is not a key", "did you mean 'host'?"),
    ("host: 10.0.0.20", "port: 70000", "70000 is above the most allowed 65535", "1..65535"),
    ("host: 10.0.0.20", "port: 502", "'host' is missing", "name or address"),
    ("baudrate: 19200", "baudrate: fast", "'fast' is not a plain number", "write"),
    ("baudrate: 19200", "baudrate: 19200.5", "not a whole number", "19200"),
    ("parity: even", "parity: evn", "'evn' is none of the choices", "did you mean 'even'?"),
    ("user: plantroom", "user: 17", "a number here, text is wanted", '"17"'),
    ("{secret: bms}", "{secret: bmx}", "secret 'bmx' was not found", "secrets/bmx"),
    ("{secret: bms}", "{secret: ../bms}", "cannot be the name of a secret", ""),
    ("{file: box.pem}", "{file: bax.pem}", "there is no file", "relative to the site file"),
    ("profile: trane_rthd_pic, bus: plant, unit: 1", "profile: trane_rthd, bus: plant", "no profile 'trane_rthd'", "rthd_pic"),
    ("profile: trane_rthd_pic, bus: plant", "profil: trane_rthd_pic, bus: plant", "neither a profile nor", "'profile' in place of 'profil'"),
    ("bus: plant, unit: 1", "bus: plnt, unit: 1", "no bus 'plnt'", "did you mean 'plant'?"),
    ("unit: 1, name", "unit: 2, name", "ch2 and ch1 have the same unit 2 on bus plant", "change one"),
    ("unit: 11", "unit: 300", "300 is above the most allowed 247", "0..247"),
    ("unit: 11", "unti: 11", "'unti' is not a key", "did you mean 'unit'?"),
    ("poll: 5 s", "poll: 5 kg", "'kg' measures mass", '"10 s"'),
    ("poll: 5 s", "points: {rellay_1: {label: x}}", "has no point 'rellay_1'", "did you mean 'relay_1'?"),
    ("low: 41 degF", "low: 41 kPa", "'kPa' measures pressure", "degC"),
    ("low: 41 degF", "access: read_write, low: 30 degC", "the lower limit is above the upper one", "swap"),
    ("low: 41 degF", "lwo: 41", "'lwo' is not a key", "did you mean 'low'?"),
    ("low: 41 degF", "feedback: nothing", "there is no point 'nothing'", ""),
    ("unit: degC, role: outdoor_dry_bulb", "unit: dgC", "'dgC' is not a unit", "did you mean 'degC'?"),
    ("role: outdoor_dry_bulb", "role: outdoor_drybulb", "not a role", "did you mean 'outdoor_dry_bulb'?"),
    ("unit: degC, role: outdoor_dry_bulb", "unit: kW, role: outdoor_dry_bulb", "kept in degC, this point in kW", "unit: degC"),
    ('node: "ns=2;s=Weather.OAT"', "table: input, address: 3", "bus kind ua cannot find oat.outdoor_temp", "a node"),
    ('node: "ns=2;s=Weather.OAT"', "table: inputs, address: 3", "'inputs' is none of the choices", "did you mean 'input'?"),
    ("minimum_running: {chiller: 1}", "minimum_running: {chiler: 1}", "no equipment of kind 'chiler'", "did you mean 'chiller'?"),
    ("tick: 10 s", "tick: 10 kPa", "'kPa' measures pressure", "s"),
    ("authority: shadow", "authority: shdow", "'shdow' is none of the choices", "did you mean 'shadow'?"),
    ("[presence]", "[presense]", "'presense' is not a role", "did you mean 'presence'?"),
    ("    area: plant\n    device: ch1", "    area: plnt\n    device: ch1", "no area 'plnt'", "did you mean 'plant'?"),
    ("device: ch1", "device: ch7", "no device 'ch7'", "did you mean 'ch"),
    ("capacity: 1163 kW", "capacity: 1163 l/s", "'l/s' measures flow", "kW"),
    ("power: pm1.power", "power: pm1.powr", "device pm1 has no point 'powr'", "did you mean 'power'?"),
    ("power: pm1.power", "power: pm9.power", "no device 'pm9'", "did you mean 'pm1'?"),
    ("power: pm1.power", "power: 55 kW", "role power is played by a point", "rated_power"),
    ("power: pm1.power", "power: pm1.energy", "role power is kept in kW, this point in kWh", "unit: kW"),
    ("power: pm1.power", "power: io.relay_1", "role power is a number, this point a switch", ""),
    ("power: pm1.power", "powr: pm1.power", "'powr' is not a role", "did you mean 'power'?"),
    ("starts_per_hour: 4", "starts_per_hour: 0", "out of bounds", ""),
    ("io.chiller_flow_switch_1", "io.chiller_flow_swich_1", "has no point", "did you mean 'chiller_flow_switch_1'?"),
    ("starts_per_hour: 4", "serves: [chiller_3]", "no equipment 'chiller_3'", "did you mean 'chiller_"),
    ("group: 2", "group: 9", "has no group '9'", "known: 1, 2"),
    ("device: lamps, group: 2", "group: 2", "a group needs its device", ""),
    ("next_to: [aisle_a]", "next_to: [aisle_z]", "no equipment 'aisle_z'", "aisle_"),
    ("kind: chiller_plant.shedding", "kind: chiller_plant.sheding", "no policy", "did you mean 'chiller_plant.shedding'?"),
    ("shed_below: 60 %", "shed_below: 160 %", "160 % is above the most allowed 100 %", "0..100 %"),
    ("shed_below: 60 %", "shed_blow: 60 %", "'shed_blow' is not a key", "did you mean 'shed_below'?"),
    ("dwell: 5 min", "dwell: 5 kW", "'kW' measures power", "s"),
    ("hold: 30 s", "groups: aisle_a", "a list is wanted", "[aisle_a]"),
    ("hold: 30 s", "groups: [aisle_x]", "area garage has no equipment 'aisle_x'", "aisle_"),
    ("radar, area: garage, hold: 30 s, dim_level: 10 %", "greedy, area: garage", "priority 6, which belongs to the equipment guards", ""),
    ("area: plant, shed_below", "area: garage, shed_below", "needs a chiller in area garage", "add equipment"),
    ("device: lamps, group: 2", "lamp_level: lamps.level_2", "aisle_b has no presence, which lighting.radar needs", "add presence"),
    ("device: lamps, group: 2", "presence: lamps.presence_2, lamp_level: lamps.level_status_2", "cannot be written", "read_write"),
    ("point: chiller_1.enable", "point: chiller_1.enabel", "has no role 'enabel' bound", "did you mean 'enable'?"),
    ("point: chiller_1.enable", "point: pm1.power", "pm1.power cannot be written", "commandable"),
    ("value: false\n", "value: 3\n", "'3' is not a switch position", "true or false"),
    ("< 3 degC", "<< 3 degC", "is not a number in degC", ""),
    ("ch1.chilled_water_supply_temp < 3 degC", "ch1.running < true", "it has no order", "== or !="),
    ("ch1.chilled_water_supply_temp < 3 degC", "when it freezes", "is not a condition", "< 3 degC"),
    ("kind: mqtt", "kind: mqt", "no uplink kind 'mqt'", "did you mean 'mqtt'?"),
    ("max_bytes: 2 GB", "max_bytes: 2 h", "'h' measures time", "B"),
    ("port: 8090", "port: 80900", "is no TCP port", ""),
    ("port: 8090", "certificate: {file: box.pem}", "belong together", "both or none"),
    ("unit: kW, label", "unit: kw2, label", "'kw2' is not a unit", "kW"),
    ("  ch1:", "  1ch:", "cannot be a name", "rename"),
    ("  aisle_a: {kind: lamp_group, area: garage, device: lamps, group: 1}", "  aisle_b: {}", "'aisle_b' stands here twice", "keep one"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "message", "mend"), WRONG, ids=[f"{old} -> {new}" for old, new, *_ in WRONG]
)
def test_wrong(check: Check, site_text: str, old: str, new: str, message: str, mend: str) -> None:
    report = check(old, new)
    hits = [one for one in report.problems if message in one.message]
    assert hits, "\n".join(map(str, report.problems)) or "nothing was found"
    assert any(mend in one.mend for one in hits), hits
    changed = site_text.index(old)
    first = site_text.count("\n", 0, changed) + 1
    near = {first + offset for offset in (-3, -2, -1, 0, 1, 2, 3)} | {1}
    assert any(one.line in near for one in hits), f"said to be at {hits[0].line}, done at {first}"


def test_all_at_once_and_in_order(check: Check) -> None:
    report = check("kind: tcp", "kind: tpc", add="webb: {}\nuplink: {}\n")
    assert len(report.problems) == 3
    assert [one.line for one in report.problems] == sorted(one.line for one in report.problems)


def test_a_failed_bus_does_not_hide_the_rest(check: Check) -> None:
    report = check("kind: tcp", "kind: tpc")
    assert [one.message for one in report.problems] == ["there is no bus kind 'tpc'"]


def test_two_policies_for_one_point(check: Check) -> None:
    second = "  more_lights: {kind: lighting.radar, area: garage}\ninterlocks:\n"
    report = check("interlocks:\n", second)
    assert "more_lights and lights could both write lamps.level_1 at priority 15" in [
        one.message for one in report.problems
    ]


def test_two_policies_with_their_own_groups(check: Check) -> None:
    first = "lights: {kind: lighting.radar, area: garage, groups: [aisle_a],"
    report = check("lights: {kind: lighting.radar, area: garage,", first)
    assert report.good
    both = f"{first[:-1]}}}\n  others: {{kind: lighting.radar, area: garage, groups: [aisle_b],"
    assert check("lights: {kind: lighting.radar, area: garage,", both).good


def test_two_buses_on_one_port(check: Check) -> None:
    report = check("  bms: {", "  other: {kind: tcp, host: 10.0.0.20}\n  bms: {")
    assert "other and plant have the same port or host" in report.problems[0].message


def test_a_shared_command_is_a_warning(check: Check) -> None:
    report = check("aisle_a: {kind: lamp_group, area: garage, device: lamps, group: 1}",
                   "aisle_a: {kind: lamp_group, area: garage, device: lamps, group: 2}")  # fmt: skip
    assert any(
        "lamps.level_2 is commanded for aisle_b and for aisle_a" in one.message for one in report.warnings
    )


def test_a_broken_profile_is_reported_in_its_own_file(
    site_text: str, write_site: Callable[[str], Path], catalogue: Catalogue, tmp_path: Path
) -> None:
    folder = tmp_path / "profiles"
    folder.mkdir()
    (folder / "mine.yaml").write_text("id: mine\nvendor: x\nmodl: y\n")
    text = site_text.replace("profile: eastron_sdm630", "profile: mine")
    mine = Catalogue(
        drivers=catalogue.drivers,
        policies=catalogue.policies,
        uplinks=catalogue.uplinks,
        profile_folders=(*catalogue.profile_folders, str(folder)),
    )
    problems = check_site(write_site(text), mine).problems
    assert any(one.file.endswith("mine.yaml") and one.line == 3 for one in problems)
    assert not any("pm1" in one.message for one in problems)


def test_a_kind_that_is_nearly_known_is_a_warning(check: Check) -> None:
    report = check("weather: {kind: weather,", "weather: {kind: lamp_grup,")
    assert [one.mend for one in report.warnings] == ["did you mean 'lamp_group'?"]


def test_a_policy_with_nothing_to_command_is_a_warning(
    site_text: str, write_site: Callable[[str], Path], catalogue: Catalogue
) -> None:
    text = site_text.replace("equipment:\n", "  hall: {}\nequipment:\n", 1)
    text = text.replace(
        "policies:\n",
        "  desk: {kind: lamp_group, area: hall, presence: lamps.presence_3}\n"
        "policies:\n  hall: {kind: lighting.radar, area: hall}\n",
        1,
    )
    report = check_site(write_site(text), catalogue)
    assert report.good
    assert "hall has nothing to command in area hall" in report.warnings[0].message


def test_the_policys_cross_check_is_reported_where_the_policy_stands(check: Check) -> None:
    report = check("hold: 30 s, dim_level: 10 %", "hold: 1 s, dim_level: 90 %")
    assert "dim level and hold do not go together" in report.problems[0].message
    assert report.problems[0].line == 32


def test_one_mistake_in_a_section_does_not_hide_another(check: Check) -> None:
    report = check("latitude: 22.55", "latitude: 122.55")
    both = check_with_zone(check)
    assert len(both.problems) == len(report.problems) + 1
    assert any("no time zone" in problem.message for problem in both.problems)


def check_with_zone(check: Check) -> CheckReport:
    return check(
        "latitude: 22.55, longitude: 114.06, timezone: Asia/Shanghai",
        "latitude: 122.55, longitude: 114.06, timezone: Asia/Shangai",
    )


@pytest.mark.parametrize(("tick", "refused"), [("6 s", True), ("5 s", False)])
def test_an_area_that_decides_less_often_than_its_device_wants_a_sign_of_life_is_refused(
    check: Check, tick: str, refused: bool
) -> None:
    report = check("garage: {tick: 1 s", f"garage: {{tick: {tick}")
    said = [str(problem) for problem in report.problems if "sign of life" in problem.message]
    assert len(said) == refused
    if refused:
        assert "device lamps wants a sign of life every 5 s, but area garage" in said[0]
        assert "write tick: 5 s" in said[0]


def test_an_area_that_only_reads_a_device_may_tick_as_slowly_as_it_likes(check: Check) -> None:
    assert check("plant: {tick: 10 s", "plant: {tick: 60 s").good
