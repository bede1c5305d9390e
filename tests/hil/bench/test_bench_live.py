"""The same story on virtual time and on real sockets, through the command line too: the figures agree."""

import asyncio
import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from hil.bench.live import LiveBench
from hil.cli import bench
from hil.scenario.load import load_scenario
from hil.scenario.run import run_live, run_on_sim
from tests.hil.bench.bench_room import lay_out

STORY = """\
version: 1
name: The same everywhere
site: room
sensors: false
warm_up: 0 s
pace: 10 s
speed: 120
length: 40 min
steps:
  - {at: 5 min, name: stop, override: m1.run, value: false, for: 10 min}
  - {at: 20 min, name: load, force: loop.load, value: 300 kW}
  - {at: 25 min, name: trip, throw: plant:chiller_1.trip, for: 5 min}
expect:
  - {name: stops, within: 1 min, after: stop, that: chiller_1.status is false}
  - {name: warms, within: 10 min, after: stop, that: loop.chilled_water_supply_temp >= 10 degC}
  - {name: runs at last, finally: "chiller_1.status is true and point:m1.power > 70 kW"}
kpis: {eer_sys: [3.9, 4.1]}
"""
RUNNER = CliRunner()


@pytest.mark.integration
async def test_sim_and_live_agree(tmp_path):
    loaded = load_scenario(lay_out(tmp_path, STORY))
    live = await run_live(loaded)
    sim = await asyncio.to_thread(run_on_sim, load_scenario(tmp_path / "story.yaml"))
    assert {one.name: one.met for one in live.verdicts} == {one.name: one.met for one in sim.verdicts}
    assert sim.passed
    for name in ("kwh", "cooling_kwh_th", "eer_sys", "peak_kw"):
        assert live.figures[name] == pytest.approx(sim.figures[name], rel=0.02), name
    for name in ("starts", "starts.chiller_1"):
        assert abs(live.figures[name] - sim.figures[name]) <= 1.0, name


class Paced:
    """A plant that must not run faster than asked: notes how far it was stepped, and where the clock stood."""

    def __init__(self, plant):
        self.plant = plant
        self.clock = None
        self.asked = []

    def step(self, dt, inputs):
        now = 0.0 if self.clock is None else self.clock.elapsed()
        self.asked.append((now, dt))
        return self.plant.step(dt, inputs)

    def variables(self):
        return self.plant.variables()


@pytest.mark.integration
@pytest.mark.parametrize("speed", [5.0, 60.0])
async def test_the_plant_is_never_ahead_of_the_clock(tmp_path, speed):
    setup = load_scenario(lay_out(tmp_path, STORY)).staging.setup()
    plant = Paced(setup.plant)
    bench = LiveBench(replace(setup, plant=plant), speed)
    plant.clock = bench.clock
    async with bench:
        await asyncio.sleep(0.5)
        await bench.run_until(3.0 * speed)
        reached = bench.plant.elapsed
    first, *later = plant.asked
    assert first == (0.0, 0.1), "one short step, to see what it shows"
    total = first[1]
    for now, dt in later:
        assert dt > 0.0
        total += dt
        assert total <= now + 1e-6
    assert len(later) > 20
    assert reached >= 3.0 * speed
    assert max(dt for _, dt in later) < 3.0 * speed, "not all at once"


def test_the_command_reports_and_ends_with_the_right_code(tmp_path):
    path = lay_out(tmp_path, STORY)
    done = RUNNER.invoke(bench(), ["run", str(path), "--report", str(tmp_path / "report")])
    assert done.exit_code == 0, done.output
    assert "ok   stops: after" in done.output
    suite = ET.parse(tmp_path / "report" / "junit.xml").getroot().find("testsuite")
    assert (suite.get("tests"), suite.get("failures")) == ("4", "0")
    page = (tmp_path / "report" / "report.html").read_text()
    assert "<svg" in page
    assert "trip: plant:chiller_1 trip" in page
    assert "http" not in page.replace("http://www.w3.org", "").replace("http://purl.org", "").replace(
        "http://creativecommons.org", ""
    )
    rows = (tmp_path / "report" / "recording.csv").read_text().splitlines()
    assert rows[0].startswith("elapsed_s,utc_s,")
    assert len(rows) == 241


def test_a_failed_expectation_is_1_and_a_bad_file_2(tmp_path):
    path = lay_out(tmp_path, STORY.replace("[3.9, 4.1]", "[5, 6]"))
    done = RUNNER.invoke(bench(), ["run", str(path), "--json"])
    assert done.exit_code == 1
    told = json.loads(done.output)
    assert not told["passed"]
    assert [one["name"] for one in told["verdicts"] if not one["met"]] == ["eer_sys"]
    assert told["figures"]["eer_sys"] == pytest.approx(4.0)
    path.write_text(STORY.replace("finally:", "finaly:"))
    bad = RUNNER.invoke(bench(), ["run", str(path)])
    assert bad.exit_code == 2
    assert "story.yaml:16:26: 'finaly'" in bad.output
    path.write_text(STORY + 'abort_if: ["loop.chilled_water_supply_temp > 9 degC"]\n')
    assert RUNNER.invoke(bench(), ["run", str(path)]).exit_code == 3


def test_nothing_to_abort_is_said(tmp_path):
    assert RUNNER.invoke(bench(), ["abort", str(tmp_path)]).exit_code == 1
