"""550 panels on the bench under remote, sensor and schedule: each is where the strongest says, and `why` names the mode and who."""

import datetime as dt
from collections import Counter

import pytest

from agent.app.front import console_of
from agent.config.load import load_site
from agent.plugins import find_catalogue
from hil.bench.setup import BenchSetup
from hil.bench.sim import SimBench
from hil.plant.variables import VariableInfo
from hil.sites.chuangzhiyun.make_site import FOLDER, PANELS
from hil.virtual_time import run_virtual
from hil.wiring import automatic_wiring

NIGHT = dt.datetime(2026, 3, 10, 23, 30, tzinfo=dt.timezone(dt.timedelta(hours=8))).timestamp()
NAMES = [f"panel_{number}" for number in range(1, PANELS + 1)]
LEVELS = {name: f"{name}.lamp_level" for name in NAMES}
SETTLED = 90.0  # s: the radars' start is over, and holds have run out


class Panels:
    """550 dimmer channels, and people who are everywhere or nowhere."""

    def __init__(self):
        self.people = False

    def variables(self):
        levels = {name: VariableInfo("%", input=True) for name in LEVELS.values()}
        switches = {f"{name}.lamp_switch": VariableInfo(input=True) for name in NAMES}
        return levels | switches | {f"{name}.presence": VariableInfo() for name in NAMES}

    def step(self, _dt, inputs):
        now = {name: inputs.get(name, 100.0) for name in LEVELS.values()}
        now |= {f"{name}.lamp_switch": inputs.get(f"{name}.lamp_switch", True) for name in NAMES}
        return now | {f"{name}.presence": self.people for name in NAMES}


class Story:
    def __init__(self, bench, site, plant):
        self.bench, self.plant = bench, plant
        self.console = console_of(bench.parts, lambda: None)
        self.points = {name: site.equipment[name].roles["lamp_level"] for name in NAMES}

    async def pass_by(self, seconds):
        await self.bench.run_until(self.bench.plant.elapsed + seconds)

    def why(self, name):
        return self.console.why(self.points[name])

    def modes(self):
        """How many panels obey whom; of every eleventh as `why` says it."""
        found = Counter()
        for number, (name, point) in enumerate(self.points.items()):
            area = self.bench.parts.site.equipment[name].area
            winner = self.bench.parts.loops[area].memory.decisions[point].winner
            mode = {8: "remote", 15: "sensor", 16: "schedule"}[winner.priority]
            found[mode] += 1
            if number % 11 == 0:
                assert f"Mode: {mode}, by {winner.source}." in self.why(name).sentence
        return found

    def shown(self):
        """Levels that stand in the dimmers, and how many panels have them."""
        return Counter(self.bench.world.truth[one] for one in LEVELS.values())


@pytest.fixture(scope="module")
def site():
    return load_site(FOLDER / "site.yaml", find_catalogue())


def test_550_panels_go_from_schedule_to_sensor_to_remote_and_back(site):
    plant = Panels()
    wiring = automatic_wiring(site, plant.variables()).devices
    setup = BenchSetup(site=site, catalogue=find_catalogue(), plant=plant, wiring=wiring, start=NIGHT)

    async def story():
        async with SimBench(setup, 5.0) as bench:
            told = Story(bench, site, plant)
            await told.pass_by(SETTLED)
            assert told.modes() == {"schedule": PANELS}
            assert told.shown() == {25.0: 50, 10.0: 500}, "the tide in the garages, the curfew upstairs"
            assert "by tide_1." in told.why("panel_1").sentence
            assert "curfew" in told.why("panel_550").sentence
            assert "by sun_22." in told.why("panel_550").sentence

            plant.people = True
            await told.pass_by(15.0)
            assert told.modes() == {"sensor": PANELS}
            assert told.shown() == {100.0: PANELS}
            assert "somebody is here" in told.why("panel_550").sentence
            assert "by radar_22." in told.why("panel_550").sentence

            for point in told.points.values():
                await told.console.override(point, 30.0, seconds=30.0, actor="li", reason="film evening")
            await told.pass_by(15.0)
            assert told.modes() == {"remote": PANELS}
            assert told.shown() == {30.0: PANELS}
            answer = told.why("panel_300")
            assert "film evening" in answer.sentence
            assert "Mode: remote, by operator:li." in answer.sentence
            by = {one.priority: one for one in answer.claims}
            assert {8, 15, 16} <= by.keys(), "what sensor and schedule would have is kept"
            assert all(one.reason and one.source for one in answer.claims)

            await told.pass_by(30.0)  # they end by themselves
            assert told.modes() == {"sensor": PANELS}
            plant.people = False
            await told.pass_by(SETTLED)
            assert told.modes() == {"schedule": PANELS}
            assert told.shown() == {25.0: 50, 10.0: 500}

    run_virtual(story())
