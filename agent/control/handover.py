"""The living agent's side of release: gives areas back through the pollers that serve their buses."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from agent.control.giving_back import Returned, give_back, left_off
from agent.control.loop import AreaLoop
from agent.control.poller import Poller
from agent.control.priors import Priors
from agent.core.errors import DeviceError
from agent.core.point import Point, Value
from agent.core.site import Site
from agent.core.tick import WriteOrder
from agent.safety.release import ReleaseStep, held, kept_off, plan_release

log = logging.getLogger("plantroom.handover")

NOT_RELEASED = "not_released"


class Handover:
    """Knows which points were taken, and how to give them back."""

    def __init__(
        self,
        site: Site,
        loops: Mapping[str, AreaLoop],
        pollers: Mapping[str, Poller],
        priors: Priors,
        journal: Callable[[Sequence[Returned]], None],
        locked_out: Callable[[], Collection[str]] = frozenset,
    ) -> None:
        self._site = site
        self._loops = loops
        self._pollers = pollers  # by device
        self._priors = priors
        self._journal = journal
        self._locked_out = locked_out
        self._kept: frozenset[str] = frozenset()
        self._busy = asyncio.Lock()

    async def release(
        self, area: str | None, still: Callable[[], bool] = lambda: True, *, at_once: bool = False
    ) -> list[Returned]:
        """Give back what was taken in one area, or everywhere; what could not be reached is journalled.

        A machine that would be started before its guards allow it waits for them, and somebody has to call again.
        `at_once`: nobody will, so nothing waits. `still` is asked when the release before this one is over: the area
        may have been taken again meanwhile.
        """
        async with self._busy:
            if not still():
                return []
            return await self._release(tuple(self._site.areas) if area is None else (area,), at_once)

    async def _release(self, areas: Sequence[str], at_once: bool) -> list[Returned]:
        for name in areas:
            if name in self._loops:
                self._loops[name].writer.stand_back()
        for point in self._points(areas):
            self._pollers[point.device].withdraw(point.id)
        taken = [point for point in self._points(areas) if self._priors.owed(point.id)]
        kept = kept_off(taken, self._site.equipment.values(), self._locked_out())
        if kept - self._kept:
            log.warning("locked out, so kept off and not given back: %s", ", ".join(sorted(kept)))
        self._kept = kept
        taken = [point for point in taken if point.id not in kept]
        steps = plan_release(taken, self._site.equipment.values(), self._priors.all())
        if not at_once:
            steps = held(steps, self._holds(areas, steps))
        with self._priors.giving_back(step.point for step in steps):
            rows = await give_back(steps, self._write)
            for (
                row
            ) in rows:  # what came too late for this try must not arrive in the middle of something else
                if not row.ok:
                    self._pollers[row.point.partition(".")[0]].withdraw(row.point)
            # a point for which nothing is known to write is an alarm, and no try would change it
            await self._priors.given_back(row.point for row in rows if row.ok or row.ended)
        rows += left_off(kept)
        self._journal(rows)
        return rows

    def _holds(self, areas: Sequence[str], steps: Iterable[ReleaseStep]) -> dict[str, str]:
        """Machines that would be started: too early after their stop, or without flow."""
        loops = [self._loops[name] for name in areas if name in self._loops]
        found: dict[str, str] = {}
        for step in steps:
            for loop in loops if step.value is True else ():
                sentence = loop.start_hold(step.point)
                if sentence:
                    found[step.point] = sentence
        return found

    def _points(self, areas: Sequence[str]) -> list[Point]:
        """Of these areas; of all areas also what has left its area since it was taken."""
        points = {id_: one for name in areas for id_, one in self._site.areas[name].points.items()}
        if len(areas) == len(self._site.areas):
            points |= self._site.points
        return [one for one in points.values() if one.commandable and one.device in self._pollers]

    async def _write(self, point: str, value: Value) -> None:
        poller = self._pollers[point.partition(".")[0]]
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def done(order: WriteOrder, error: Exception | None) -> None:
            if future.done():
                return
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(DeviceError(f"{order.point}: {error}"))

        poller.submit(WriteOrder(point=point, value=value, reason="given back", why="release"), done)
        await future
