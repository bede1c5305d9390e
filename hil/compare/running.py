"""The arms of a comparison run one after the other or beside each other, telling how far they are."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, MutableSequence, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field

from hil.compare.arm import ArmRun, Plan, run_arm
from hil.compare.days import blocks, chosen_days
from hil.ready_site.ready_site import ReadySite, load_ready_site

Far = Callable[[float], None]
"""Told how many simulated days are done in all arms together, warm-up included."""
LOOK = 0.5  # s between two looks at what other processes have done
_far: MutableSequence[float] = [0.0]  # in a process of the pool: simulated days of each arm


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to compare. Everything is a plain value, so that it goes to other processes."""

    site: str
    days: int = 12
    seed: int = 1
    arms: tuple[str, ...] = ()  # none: all the site has
    variant: str = ""
    hold_out: bool = False
    jobs: int = 1

    @property
    def plan(self) -> Plan:
        return Plan(blocks(chosen_days(self.days)), self.seed)

    def ready(self) -> ReadySite:
        """Raises ConfigurationError."""
        return load_ready_site(self.site, variant=self.variant, hold_out=self.hold_out)


def run_all(request: Request, arms: Sequence[str], far: Far) -> Iterator[tuple[str, ArmRun]]:
    """Each arm when it is done. Raises ConfigurationError."""
    if request.jobs <= 1 or len(arms) <= 1:
        ready, done = request.ready(), _Done(far)
        for arm in arms:
            run = run_arm(ready, arm, request.plan, done.tell)
            done.finished += run.simulated
            yield arm, run
        return
    context = multiprocessing.get_context("spawn")
    shared = context.Array("d", len(arms), lock=False)
    processes = min(request.jobs, len(arms))
    with ProcessPoolExecutor(processes, context, initializer=_share, initargs=(shared,)) as pool:
        waiting: dict[Future[ArmRun], str] = {
            pool.submit(_run_one, request, arm, place): arm for place, arm in enumerate(arms)
        }
        while waiting:
            ended, _ = wait(waiting, LOOK, "FIRST_COMPLETED")
            far(sum(shared))
            for one in ended:
                yield waiting.pop(one), one.result()


@dataclass(slots=True)
class _Done:
    """Arms that run one after the other."""

    far: Far
    finished: float = field(default=0.0)  # days

    def tell(self, days: float) -> None:
        self.far(self.finished + days)


def _share(shared: MutableSequence[float]) -> None:
    global _far  # noqa: PLW0603 - shared memory can be handed to a process only when it starts
    _far = shared


def _run_one(request: Request, arm: str, place: int) -> ArmRun:
    def tell(days: float) -> None:
        _far[place] = days

    return run_arm(request.ready(), arm, request.plan, tell)
