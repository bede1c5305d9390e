"""`plantroom check` tells what the kept tuning makes otherwise than the file says, and what policies do without."""

import json

from typer.testing import CliRunner

from agent.cli.__main__ import root
from agent.core.serial import to_plain
from agent.core.tuning import Layer, Tuning
from agent.telemetry.store import write_document

SITE = """version: 1
site: {name: Street, latitude: 22.5, longitude: 114.0, timezone: Asia/Shanghai}
buses: {line: {kind: modbus-tcp, host: 127.0.0.1}}
devices: {io: {profile: plantroom_plant_io, bus: line, unit: 1}}
areas: {street: {tick: 5 s, modes: {late: {policies: {streets: {on_offset: 10 min}}}}}}
equipment: {lamps: {kind: lamp_group, area: street, lamp_switch: io.relay_1}}
policies:
  streets: {kind: lighting.astronomical, area: street, on_offset: 5 min}
"""


def check(folder, *options, text=SITE):
    site = folder / "site.yaml"
    site.write_text(text)
    done = CliRunner().invoke(root(), ["check", str(site), *options])
    assert done.exit_code == 0, done.output
    return done.stdout


def book(*layers):
    return {"layers": to_plain(layers), "made": len(layers)}


def test_nothing_tuned_nothing_said(tmp_path):
    assert "other parameters" not in check(tmp_path)
    assert json.loads(check(tmp_path, "--json"))["tuned"] == []


def test_a_mode_and_a_tuned_parameter_stand_beside_the_files_own_value(tmp_path):
    mode = Tuning(id="t1", layer=Layer.MODE, area="street", name="late", owner="user:li")
    tuned = Tuning(
        id="t2",
        layer=Layer.TUNED,
        area="street",
        values={"streets": {"off_offset": -120.0}},
        owner="user:wang",
        until=1e9,
    )
    store = tmp_path / "plantroom-data/plantroom.db"
    write_document(str(store), "tuning", "book", book(mode, tuned))
    said = check(tmp_path)
    assert "streets.on_offset is 600.0, not 300.0: mode late by user:li" in said
    assert "streets.off_offset is -120.0, not 0.0: tuned on probation by user:wang" in said


def test_a_damaged_book_is_no_obstacle(tmp_path):
    write_document(str(tmp_path / "plantroom-data/plantroom.db"), "tuning", "book", {"layers": 3})
    assert "other parameters" not in check(tmp_path)


def test_what_policies_do_without_is_printed_as_it_is_in_json(tmp_path):
    text = SITE.replace("lamp_switch: io.relay_1", "lamp_level: io.output_1")
    text = text.replace(
        "lighting.astronomical, area: street, on_offset: 5 min", "lighting.tidal, area: street"
    )
    text = text.replace("{on_offset: 10 min}", "{busy_level: 60 %}")
    lacking = json.loads(check(tmp_path, "--json", text=text))["lacking"]
    assert lacking
    said = check(tmp_path, text=text)
    assert all(f"  {one}\n" in said for one in lacking)
