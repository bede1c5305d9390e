"""Previews as the agent asks for them: what goes to the process, one at a time, and what an answer that fails becomes."""

import asyncio
from dataclasses import replace

import pytest

from agent.app.front import console_of
from agent.console.learned import LearnedLook
from agent.console.look import Look
from agent.console.previews import MOST_CELLS, Previews, Sources
from agent.console.tuning_look import TuningLook
from agent.control.preview_job import PreviewError, Replay, Shadow
from hil.virtual_time import run_virtual
from tests.control.small_plant import SmallPlant

EMPTY = Replay(
    since=0.0, until=1.0, step=60.0, hours=0.0, hours_missing=0.0, agreement=None, points=(), same=()
)
NOBODY = Shadow(area="plant", since=0.0, until=1.0, step=300.0, hours=0.0, points=(), machines=())


class Store:
    async def flush(self):
        return None


class Asked:
    """The process in the agent's eyes: what it was asked, and an answer."""

    def __init__(self, answer):
        self.jobs = []
        self.answer = answer
        self.wait = 0.0

    async def __call__(self, job, _kind):
        self.jobs.append(job)
        await asyncio.sleep(self.wait)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def virtual(scenario, answer, twin=""):
    async def main():
        async with SmallPlant() as plant:
            parts = plant.parts
            looks = (
                LearnedLook(parts.planning, parts.clock),
                TuningLook(parts.tunings, parts.loops, parts.clock),
            )
            look = Look(parts.site, parts.table, parts.loops, parts.charge, parts.clock, looks)
            asked = Asked(answer)
            sources = Sources(
                site=replace(parts.site, twin=twin, file="/etc/site.yaml"),
                loops=parts.loops,
                charge=parts.charge,
                clock=parts.clock,
                launch=asked,
                store=Store(),
            )
            previews = Previews(sources, parts.tunings, look)
            return await scenario(previews, asked, console_of(parts, lambda: None), plant)

    return run_virtual(main())


WHO = {"actor": "user:anna", "reason": "x"}


def test_the_job_has_todays_parameters_and_the_new_ones_and_its_twin_both():
    async def scenario(previews, asked, console, plant):
        await console.tune("steady", "speed", 70.0, **WHO)
        found = await previews.preview("steady", {"speed": 45.0}, days=3.0, step=None, twin=True)
        assert found == EMPTY
        [job] = asked.jobs
        [policy] = job.policies
        assert (policy.present["speed"], policy.changed["speed"]) == (70.0, 45.0)
        assert job.until - job.since == pytest.approx(3 * 86_400.0)
        assert job.step == 60.0
        assert job.twin.present == {"steady": {"speed": 70.0}}
        assert job.twin.changed == {"steady": {"speed": 45.0}}
        assert (job.twin.days, job.twin.first) == (
            3,
            "2026-09-28",
        )  # whole days before today, the first of October
        assert plant.loop.policies["steady"].speed == 70.0

    virtual(scenario, EMPTY, twin="/etc/plant.yaml")


def test_without_a_twin_or_where_it_is_not_wanted_there_is_none():
    async def scenario(previews, asked, _console, _plant):
        await previews.preview("steady", {"speed": 45.0}, days=1.0, step=None, twin=True)
        assert asked.jobs[0].twin is None

    virtual(scenario, EMPTY)


def test_a_large_area_over_many_days_is_looked_at_in_longer_steps():
    async def scenario(previews, asked, _console, _plant):
        await previews.preview("steady", {"speed": 45.0}, days=92.0, step=1.0, twin=False)
        job = asked.jobs[0]
        assert (job.until - job.since) / job.step * len(job.model.points) <= MOST_CELLS * 1.01

    virtual(scenario, EMPTY)


def test_one_preview_at_a_time():
    async def scenario(previews, asked, _console, _plant):
        asked.wait = 60.0
        first = asyncio.ensure_future(
            previews.preview("steady", {"speed": 45.0}, days=1.0, step=None, twin=False)
        )
        await asyncio.sleep(1.0)
        with pytest.raises(ValueError, match="another preview"):
            await previews.shadow("plant", days=1.0)
        assert len(asked.jobs) == 1
        first.cancel()

    virtual(scenario, EMPTY)


def test_a_value_out_of_bounds_is_refused_before_anything_is_started():
    async def scenario(previews, asked, _console, _plant):
        with pytest.raises(ValueError, match="between"):
            await previews.preview("steady", {"speed": 450.0}, days=1.0, step=None, twin=False)
        assert asked.jobs == []

    virtual(scenario, EMPTY)


def test_what_the_process_could_not_do_is_a_sentence():
    async def scenario(previews, _asked, _console, _plant):
        with pytest.raises(ValueError, match="no preview within 900 s"):
            await previews.shadow("plant", days=1.0)

    virtual(scenario, PreviewError("no preview within 900 s: ask for fewer days"))
