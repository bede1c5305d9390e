"""`plantroom report acceptance` from a small store to papers: PASS, FAIL, and files with mistakes in them."""

import asyncio
import csv
import datetime as dt
import json

import pytest
from typer.testing import CliRunner

from agent.cli.__main__ import root
from agent.core.reading import ReadingBlock
from agent.core.site import StoreSettings
from agent.telemetry.samples import make_key
from agent.telemetry.store import Store
from agent.telemetry.trace import Trace

SITE = """\
version: 1
site: {name: Garage 7, latitude: 22.55, longitude: 114.06, timezone: Asia/Shanghai}
buses: {lamps: {kind: modbus-tcp, host: 127.0.0.1, port: 15000}}
devices:
  gw: {profile: plantroom_lamp_gateway, bus: lamps, unit: 1}
  em: {profile: eastron_sdm630, bus: lamps, unit: 2, name: Meter 7}
areas: {garage: {tick: 1 s}}
equipment:
  light: {kind: meter, area: garage, name: Meter of the light, power: em.power, energy: em.energy}
  ramp: {kind: lamp_group, area: garage, device: gw, group: 1, name: Ramp}
  aisle: {kind: lamp_group, area: garage, device: gw, group: 2, name: Aisle}
policies: {lights: {kind: lighting.radar, area: garage}}
store: {path: store.db, keep_days: 4000}
"""
ACCEPTANCE = """\
title: Acceptance of garage 7
meters: [light]
baseline: {first: 2026-03-02, last: 2026-03-05}
monitoring: {first: 2026-03-09, last: 2026-03-12}
lamps: {before_power: 25 W, before_count: 40, after_power: 15 W, after_count: 40}
limits: {saving: 80 %, illuminance: 65 lx, standard: contract 17}
measured: lux.csv
"""
MARCH = dt.datetime(2026, 3, 1, tzinfo=dt.timezone(dt.timedelta(hours=8))).timestamp()
DAY = 86_400.0


def day(number):
    """Begin of the so-manieth of March by the site's clock."""
    return MARCH + (number - 1) * DAY


async def fill(path, kwh=24.0, left=3.0):
    """Four days before at `kwh` a day, four after at about `left`; an hour of people in the ramp; commands to both groups."""
    store = await Store.open(StoreSettings(path=str(path), keep_days=4000.0), site="g", now=lambda: day(13))
    register = 500.0
    for first, mean in ((2, kwh), (9, left)):
        for step in range(4 * 144 + 1):
            use = mean + (0.2 if (step // 144) % 2 else -0.2)
            register += use / 144.0 if step else 0.0
            utc = day(first) + 600.0 * step
            store.append(ReadingBlock("em", ("em.energy",), (register,), utc, utc))
    for second in range(0, 600, 2):
        utc = day(12) + 40_000.0 + second
        here = second >= 100
        lit = 72.0 if here else 4.0
        store.append(ReadingBlock("gw", ("gw.presence_1", "gw.illuminance_1"), (here, lit), utc, utc))
    for number, level in enumerate((10.0, 100.0, 10.0, 86.0)):
        for group in (1, 2):
            utc = day(12) + 50_000.0 + 60.0 * number
            point = f"gw.level_{group}"
            store.audit({"time": utc, "event": "write", "point": point, "new": level, "result": "sent"})
            store.append(ReadingBlock("gw", (point,), (level,), utc + 2.0, utc + 2.0))
    for flicker in range(24):  # too quick to be seen by anybody: they prove nothing and stand in nobody's way
        utc = day(12) + 60_000.0 + 0.2 * flicker
        store.audit(
            {"time": utc, "event": "write", "point": "gw.level_2", "new": float(flicker), "result": "sent"}
        )
    store.append(ReadingBlock("gw", ("gw.level_2",), (23.0,), utc + 2.0, utc + 2.0))
    await store.flush()
    await store.close()


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recorded")
    asyncio.run(fill(folder / "store.db"))
    return folder / "store.db"


@pytest.fixture
def folder(tmp_path, recorded):
    (tmp_path / "store.db").write_bytes(recorded.read_bytes())
    (tmp_path / "site.yaml").write_text(
        SITE.replace("store.db", str(tmp_path / "store.db")), encoding="utf-8"
    )
    (tmp_path / "acceptance.yaml").write_text(ACCEPTANCE, encoding="utf-8")
    (tmp_path / "lux.csv").write_text(
        "group,lux,time,by,instrument,place\naisle,71.5,2026-03-11,Li,class B,bay 4\naisle,69,2026-03-11,Li,class B,bay 9\n",
        encoding="utf-8",
    )
    return tmp_path


def run(folder, *more):
    words = ["report", "acceptance", "-c", str(folder / "site.yaml"), "-f", str(folder / "acceptance.yaml")]
    return CliRunner(env={"COLUMNS": "200"}).invoke(root(), [*words, "-o", str(folder / "out"), *more])


def changed(folder, old, new, name="acceptance.yaml"):
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_garage_that_holds_everything_passes(folder):
    result = run(folder, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["passed"] is True
    assert told["saving"] == pytest.approx(87.5, abs=0.1)
    assert told["saving_low"] < told["saving"] < told["saving_high"]
    page = (folder / "out/acceptance.html").read_text(encoding="utf-8")
    for words in (
        "PASS",
        "contract 17",
        "Ramp",
        "bay 9",
        "lamp swap",
        "40.00 %",
        "47.5",
        "IPMVP option B",
        "Student",
    ):
        assert words in page, words
    assert page.count("<svg") == 3
    assert (folder / "out/acceptance.pdf").read_bytes().startswith(b"%PDF-1.4")


def test_every_figure_leads_back_to_its_samples(folder):
    run(folder)
    with (folder / "out/acceptance.csv").open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    days = [one for one in lines if one["figure"].endswith("day")]
    assert len(days) == 8
    stored = {one.key: one for one in Trace(str(folder / "store.db")).samples("em.energy", 0.0, 2e9)}
    for one in days:
        assert one["point"] == "em.energy"
        ends = [
            stored[make_key(*map(int, one[f"{end}_block"].split("/")))].value for end in ("first", "last")
        ]
        assert [float(one["first_value"]), float(one["last_value"])] == pytest.approx(ends)
        assert ends[1] - ends[0] == pytest.approx(float(one["value"]), rel=1e-4)
    lights = {one["subject"]: one for one in lines if one["figure"] == "light"}
    assert (lights["ramp"]["value"], lights["ramp"]["point"]) == ("72", "gw.illuminance_1")
    assert int(lights["ramp"]["samples"]) > 200
    assert lights["aisle"]["value"] == "69"
    commands = [one for one in lines if one["figure"] == "command"]
    assert len(commands) == 9
    assert all(one["first_block"].startswith("audit/") and one["note"] == "arrived" for one in commands)


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("acceptance.yaml", "saving: 80 %", "saving: 90 %", "saving"),
        ("acceptance.yaml", "illuminance: 65 lx", "illuminance: 75 lx", "too dark: Ramp, Aisle"),
        ("lux.csv", "aisle,69,", "aisle,60,", "too dark: Aisle"),
        ("acceptance.yaml", "measured: lux.csv", "", "not measured: Aisle"),
        ("acceptance.yaml", "last: 2026-03-12", "last: 2026-03-09", "monitoring period has 1 complete days"),
    ],
)
def test_one_limit_that_does_not_hold_is_no_pass(folder, name, old, new, says):
    changed(folder, old, new, name)
    result = run(folder)
    assert result.exit_code == 1
    assert "FAIL" in result.stdout
    assert says in " ".join(result.stdout.split())
    assert "FAIL" in (folder / "out/acceptance.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("acceptance.yaml", "[light]", "[lihgt]", "no equipment 'lihgt' with an energy register"),
        ("acceptance.yaml", "[light]", "[]", "no meter is named"),
        ("acceptance.yaml", "first: 2026-03-02", "first: 2026-03-32", "write days as YYYY-MM-DD"),
        ("acceptance.yaml", "first: 2026-03-09", "first: 2026-04-09", "is no period"),
        ("acceptance.yaml", "monitoring: {", "monitorin: {", "'monitorin' is not a key known here"),
        ("acceptance.yaml", "saving: 80 %", "saving: 180 %", "saving"),
        ("acceptance.yaml", "before_power: 25 W", "before_power: 25 lx", "before_power"),
        ("acceptance.yaml", "lux.csv", "lxu.csv", "cannot be read"),
        ("acceptance.yaml", "title:", "groups: [rmap]\ntitle:", "no lamp group 'rmap'"),
        ("acceptance.yaml", "title:", "calendar: moon\ntitle:", "no calendar 'moon'"),
        ("lux.csv", "aisle,69,", "isle,69,", "line 3: no lamp group 'isle'"),
        ("lux.csv", "aisle,69,", "aisle,dark,", "line 3: 'dark' is no illuminance"),
        ("lux.csv", "group,lux", "lamp,lux", "no columns group and lux"),
    ],
)
def test_mistakes_are_refused_with_their_place_and_the_mend(folder, name, old, new, says):
    changed(folder, old, new, name)
    result = run(folder)
    assert result.exit_code == 2
    assert says in result.stderr
    assert "acceptance.yaml:" in result.stderr
    assert not (folder / "out").exists()


def test_without_a_store_nothing_is_made(folder):
    (folder / "store.db").unlink()
    result = run(folder)
    assert result.exit_code == 2
    assert "nothing has been recorded yet" in result.stderr
