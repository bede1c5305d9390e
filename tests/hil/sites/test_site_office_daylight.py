"""The office with blinds: the product's policy holds the band, nobody sees it move, and it saves what it should."""

from datetime import date

import pytest

from agent.app.front import console_of
from agent.core.errors import ConfigurationError
from hil.bench.sim import SimBench
from hil.compare.arm import setup_of
from hil.compare.days import Block
from hil.ready_site.office import make_office
from hil.ready_site.ready_site import load_ready_site
from hil.sites.office_daylight.year import DirectOffice, run_block
from hil.virtual_time import run_virtual

ZONE = "Asia/Shanghai"


@pytest.fixture(scope="module")
def ready():
    return load_ready_site("office_daylight")


@pytest.mark.parametrize(("day", "variant"), [(date(2025, 12, 10), ""), (date(2025, 8, 6), "east")])
def test_a_working_day_is_in_the_band_and_nobody_sees_a_step(day, variant):
    found = run_block(Block(day, 1), 3, variant)
    assert found["occupied_row_seconds"] > 3 * 12 * 3600.0
    assert found["outside_band_seconds"] <= 0.005 * found["occupied_row_seconds"]
    assert found["visible_steps"] == 0
    assert found["fastest"] < 7.0
    assert found["exact_energy"] < found["energy"] < 0.7 * found["full"]


def test_a_day_off_costs_standby_alone():
    found = run_block(Block(date(2025, 10, 1), 1), 1)  # a public holiday
    assert found["occupied_row_seconds"] == 0.0
    assert found["energy"] == pytest.approx(24 * 0.0005 * 24.0, rel=0.02)


def test_the_winter_sun_pulls_the_blinds_and_lamps_answer(ready):
    """A day of low sun: what the plant is about."""
    start = Block(date(2025, 12, 10), 1).start(ZONE)
    plant = ready.make_plant("policy", start, 3)
    run = DirectOffice(ready.site("policy"), plant, start, 3)
    run.run_until(6.5 * 3600.0)
    assert run.office.blind == 0.0
    run.run_until(17 * 3600.0)
    assert run.office.blind == 100.0
    assert all(300.0 <= lux <= 400.0 for lux in run.office.illuminances())


def test_the_quick_way_says_what_the_bench_says(ready):
    """An hour of the morning on the agent's own bench, with sensors of the bench's own errors."""
    start, hour = Block(date(2025, 12, 10), 1).start(ZONE) + 6.5 * 3600.0, 3600.0

    async def bench():
        setup, _ = setup_of(ready, "policy", ready.site("policy"), start, 3)
        async with SimBench(setup, 2.0) as running:
            await running.run_until(1.5 * hour)
        return setup.plant.parts[0]

    office = run_virtual(bench())
    quick = DirectOffice(ready.site("policy"), ready.make_plant("policy", start, 3), start, 3)
    quick.run_until(1.5 * hour)
    assert sum(one.visible for one in office.counts.rows) <= 3  # the first command, out of nothing
    assert office.energy.total == pytest.approx(quick.office.energy.total, rel=0.1)
    assert office.counts.outside <= 0.01 * office.counts.occupied


def test_from_the_phone_light_is_kept_on_after_hours_and_a_scene_called_up(ready):
    """Overrides of the two virtual points, as the page and the command line make them."""
    start = Block(date(2025, 12, 10), 1).start(ZONE) + 21.0 * 3600.0

    async def evening():
        setup, _ = setup_of(ready, "policy", ready.site("policy"), start, 3)
        async with SimBench(setup, 2.0) as bench:
            console = console_of(bench.parts, lambda: None)
            levels = []

            async def later(seconds):
                await bench.run_until(bench.plant.elapsed + seconds)
                levels.append(round(setup.plant.parts[0].lamps[0].light, 2))

            await later(1600.0)  # the radars' patience and the warning
            await console.override("virtual.keep_on", True, seconds=120.0, actor="li", reason="late work")
            await later(100.0)
            sentence = console.why("gw.level_2").sentence
            await console.override("virtual.scene", "cleaning", seconds=60.0, actor="wang", reason="cleaning")
            await later(50.0)
            return levels, sentence, console.why("gw.level_2").sentence

    (out, kept, scene), why, then = run_virtual(evening())
    assert out == 0.0
    assert 0.6 < kept < 0.9
    assert scene == 1.0
    assert "somebody asked for it" in why
    assert "scene cleaning" in then


def test_mistakes_in_the_plant_file_are_said_with_their_place(ready):
    with pytest.raises(ConfigurationError, match=r"window\.fases"):
        make_office({**ready.sizes, "window": {**ready.sizes["window"], "fases": 3}}, 0.0, 1)
    with pytest.raises(ConfigurationError, match="calendar"):
        make_office({**ready.sizes, "calendar": "moon"}, 0.0, 1)
    with pytest.raises(ConfigurationError, match="climate"):
        make_office({**ready.sizes, "climate": "atlantis"}, 0.0, 1)
