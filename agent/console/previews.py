"""Previews: recorded days under other parameters, the twin beside them, and shadow beside what was; one at a time, in a process of their own."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from agent.console.look import Look
from agent.control.in_charge import InCharge
from agent.control.loop import AreaLoop
from agent.control.preview_job import (
    Job,
    PolicyText,
    PreviewError,
    Replay,
    Shadow,
    TwinJob,
)
from agent.control.tunings import Tunings
from agent.core.clock import Clock
from agent.core.equipment import AreaModel
from agent.core.errors import StoreError
from agent.core.point import Point, Value
from agent.core.policy import AnyPolicy
from agent.core.serial import to_plain
from agent.core.site import Site
from agent.core.tuning import Values, tunable
from agent.telemetry.store import Store

DAY = 86_400.0
REPLAY_STEP = 60.0  # s, or the area's own tick where that is longer
SHADOW_STEP = 300.0
MOST_CELLS = (
    6e6  # points times steps, 16 bytes each: a large area over many days is looked at in longer steps
)
FRESH = 600.0  # real seconds for which a comparison is not made again

Launch = Callable[[Job, type[Replay | Shadow]], Awaitable[Replay | Shadow]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What previews are made from."""

    site: Site
    loops: Mapping[str, AreaLoop]
    charge: InCharge
    clock: Clock
    launch: Launch
    store: Store


class Previews:
    """Errors are ValueError with the sentence, or UnknownNameError."""

    def __init__(self, sources: Sources, tunings: Tunings, look: Look) -> None:
        self._sources = sources
        self._tunings = tunings
        self._look = look
        self._one = asyncio.Lock()
        self._kept: dict[tuple[str, float], tuple[float, Shadow]] = {}

    async def preview(
        self, policy: str, values: Mapping[str, Value], *, days: float, step: float | None, twin: bool
    ) -> Replay:
        """The past `days` under today's parameters and under these. Nothing is applied."""
        area = self._tunings.area_of(policy) or ""
        changed = self._tunings.would_be_tuned(policy, values).policy
        job = self._job("replay", area, days, step or REPLAY_STEP)
        policies = tuple(
            PolicyText(
                name=name,
                address=f"{type(one).__module__}:{type(one).__qualname__}",
                present=to_plain(one),
                changed=to_plain(changed if name == policy else one),
            )
            for name, one in self._sources.loops[area].policies.items()
        )
        job = replace(job, policies=policies, interlocks=tuple(self._sources.site.interlocks))
        if twin and self._sources.site.twin:
            job = replace(
                job, twin=self._twin(area, {policy: _differing(changed, self._filed(policy))}, days)
            )
        found = await self._asked(job, Replay)
        if not isinstance(found, Replay):
            raise ValueError("the preview answered something else")  # noqa: TRY004 - not for the caller to mend
        return found

    async def shadow(self, area: str, *, days: float) -> Shadow:
        """Where each point was and would have been while the agent did not write, and what that would have saved."""
        self._look.known_area(area)
        loop = asyncio.get_running_loop()
        kept = self._kept.get((area, days))
        if kept is not None and loop.time() - kept[0] < FRESH:
            return kept[1]
        job = self._job("shadow", area, days, SHADOW_STEP)
        found = await self._asked(job, Shadow)
        if not isinstance(found, Shadow):
            raise ValueError("the comparison answered something else")  # noqa: TRY004 - not for the caller to mend
        self._kept[area, days] = (loop.time(), found)
        return found

    def _filed(self, policy: str) -> AnyPolicy:
        return self._tunings.filed(policy)

    def _job(self, kind: str, area: str, days: float, step: float) -> Job:
        sources, model = self._sources, self._sources.site.areas[area]
        until = sources.clock.utc()
        points = {**_shown(sources.site, model), **model.points}
        return Job(
            kind=kind,
            model=replace(model, points=points),
            store=sources.site.store.path,
            since=until - days * DAY,
            until=until,
            step=max(step, model.area.tick, days * DAY * len(points) / MOST_CELLS),
            authority=sources.charge.authority(area).value,
        )

    def _twin(self, area: str, changed: Mapping[str, Values], days: float) -> TwinJob:
        """Whole local days up to yesterday, so that a week has its weekend."""
        site = self._sources.site
        present = {
            one.name: values
            for loop in self._sources.loops.values()
            for one in loop.policies.values()
            if (values := _differing(one, self._filed(one.name)))
        }
        count = max(round(days), 1)
        today = dt.datetime.fromtimestamp(self._sources.clock.utc(), ZoneInfo(site.place.timezone)).date()
        return TwinJob(
            site=site.file,
            plant=site.twin,
            area=area,
            present=present,
            changed={**present, **changed},
            first=(today - dt.timedelta(days=count)).isoformat(),
            days=count,
        )

    async def _asked(self, job: Job, kind: type[Replay | Shadow]) -> Replay | Shadow:
        if self._one.locked():
            raise ValueError(
                "another preview is being made; the box has a plant to run: ask again in a minute"
            )
        async with self._one:
            try:
                await self._sources.store.flush()  # what was read until now is in it
                return await self._sources.launch(job, kind)
            except (PreviewError, StoreError) as error:
                raise ValueError(str(error)) from error


def _differing(policy: AnyPolicy, filed: AnyPolicy) -> Values:
    """What is not as in the site file."""
    return {
        spec.name: to_plain(getattr(policy, spec.name))
        for spec in tunable(type(policy))
        if getattr(policy, spec.name) != getattr(filed, spec.name)
    }


def _shown(site: Site, model: AreaModel) -> dict[str, Point]:
    """Points outside the area's equipment by which its commands, guards and interlocks are seen."""
    names = [one.writing.feedback for one in model.points.values()]
    names += [one.guards.proof_of_flow for one in model.equipment.values()]
    names += [one.watch for one in site.interlocks if one.point in model.points]
    return {name: site.points[name] for name in names if name and name in site.points}
