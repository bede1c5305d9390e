"""Tells a story on a bench: lets time pass, does what the steps say, and hears what the judges say."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from agent.app.front import console_of
from agent.app.health import health
from agent.console.agent_console import AgentConsole
from agent.core.errors import PlantroomError
from hil.bench.bench import Bench
from hil.bench.watched import Moment
from hil.kpis import Figures, Kpis
from hil.recording import Recording
from hil.scenario.judge import Judge, Verdict
from hil.scenario.signals import Signals
from hil.scenario.storm import gusts
from hil.scenario.story import (
    Assign,
    Deed,
    Force,
    LockOut,
    Mend,
    Overriding,
    Scenario,
    Throw,
)
from hil.servers.device import SimulatedDevice

log = logging.getLogger("plantroom.hil")

ACTOR = "scenario"
Progress = Callable[[float], None]
"""Told how far the story is: site seconds."""


class StoryAbortedError(PlantroomError):
    """An `abort_if` condition came true, or a person ended the run: everything was stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """All that is known after a run."""

    scenario: Scenario
    verdicts: tuple[Verdict, ...]
    figures: Figures
    recording: Recording
    aborted: str = ""
    wall: float = 0.0  # real seconds
    per_tick: Mapping[str, float] | None = None  # microseconds of a tick on virtual time, by where they went

    @property
    def told(self) -> float:
        """Site seconds of the story that were told."""
        return (self.figures.get("hours") or 0.0) * 3600.0

    @property
    def days_per_second(self) -> float:
        """Simulated days a real second."""
        return self.told / 86_400.0 / self.wall if self.wall > 0.0 else 0.0

    @property
    def warnings(self) -> tuple[str, ...]:
        """Why the outcome may not be that of an idle machine in real time."""
        return tuple(one.text for one in self.recording.happenings if one.kind == "warning")

    @property
    def passed(self) -> bool:
        return not self.aborted and all(one.met for one in self.verdicts)


class Telling:
    """One run of one story on one bench."""

    def __init__(self, scenario: Scenario, bench: Bench, kpis: Kpis, seed: int) -> None:
        self._scenario = scenario
        self._bench = bench
        self._kpis = kpis
        self._seed = seed
        self._judges = [Judge(one) for one in scenario.expectations]
        self._signals = Signals(bench.parts)
        self._steps: dict[str, float] = {}
        self._ended = ""
        self._undone: list[Verdict] = []  # steps of the story that could not be done: it was not told
        self._alarms: frozenset[str] = frozenset()
        self._console: AgentConsole = console_of(
            bench.parts, partial(health, bench.parts, {}, bench.parts.clock.utc())
        )
        self._progress: Progress = lambda _: None
        self.recording = Recording(_recorded(scenario, kpis), scenario.pace, scenario.length)

    async def tell(self, progress: Progress | None = None) -> Outcome:
        """From the first step to the last figure."""
        bench, scenario = self._bench, self._scenario
        self._progress = progress or self._progress
        bench.plant.watchers.extend((self._signals, self._kpis, self.recording, self))
        self._kpis.see_stored(bench.plant.plant)
        aborted, began = "", time.perf_counter()
        try:
            for at, name, deed in self._plan():
                await bench.run_until(at)
                await self._do(name, deed)
            await bench.run_until(scenario.length)
        except StoryAbortedError as error:
            aborted = str(error)
            self.recording.note(bench.plant.elapsed, "abort", aborted)
        self._kpis.see_stored(bench.plant.plant)
        self._kpis.see_writes(_writes_of(bench.devices))
        bench.board.mend()
        figures = self._kpis.figures()
        verdicts = self._undone + [judge.verdict(bench.plant.elapsed, self._steps) for judge in self._judges]
        verdicts += [_band(name, band, figures) for name, band in scenario.bands.items()]
        return Outcome(
            scenario=scenario,
            verdicts=tuple(verdicts),
            figures=figures,
            recording=self.recording,
            aborted=aborted,
            wall=time.perf_counter() - began,
        )

    def end(self, reason: str) -> None:
        """A person wants no more of it: the story ends with the next step of the plant, with all that is known by then."""
        self._ended = reason

    def stepped(self, moment: Moment) -> None:
        """Judges look after every step of the plant; the first step is that of the warm start."""
        read = self._signals.read
        for judge in self._judges:
            broken = judge.look(moment.elapsed, self._steps, read)
            if broken is not None:
                self.recording.note(moment.elapsed, "broken", broken)
        self._note_alarms(moment.elapsed)
        for condition in self._scenario.abort_if:
            if condition.holds(read):
                raise StoryAbortedError(f"stopped because {condition.text}")
        if self._ended:
            raise StoryAbortedError(self._ended)
        self._progress(moment.elapsed)

    def _plan(self) -> list[tuple[float, str, Deed]]:
        plan: list[tuple[float, str, Deed]] = [
            (step.at, step.name, step.deed) for step in self._scenario.steps
        ]
        if self._scenario.storm is not None:
            for number, gust in enumerate(
                gusts(self._scenario.storm, self._bench.board, self._seed), start=1
            ):
                fault = gust.fault
                deed = Throw(path=fault.path, kind=fault.kind, amount=fault.amount, seconds=gust.seconds)
                plan.append((gust.at, f"gust {number}", deed))
        return sorted((one for one in plan if one[0] <= self._scenario.length), key=lambda one: one[0])

    async def _do(self, name: str, deed: Deed) -> None:
        now = self._bench.plant.elapsed
        self._steps.setdefault(name, now)
        try:
            text = await self._act(deed)
        except (ValueError, PlantroomError) as error:
            text = f"could not be done: {error}"
            log.warning("step %s %s", name, text)
            for step in self._scenario.steps:  # a gust of the storm may find nothing to blow at
                if step.name == name and step.deed is deed:
                    self._undone.append(
                        Verdict(name=name, kind="step", met=False, at=now, text=text, line=step.line)
                    )
        if isinstance(deed, Throw | Mend):
            lasting = deed.seconds if isinstance(deed, Throw) else 0.0
            until = None if lasting is None else now + lasting
            self.recording.note(now, "fault", f"{name}: {text}", deed.path, until)
        else:
            self.recording.note(now, "step", f"{name}: {text}")

    async def _act(self, deed: Deed) -> str:
        board, console = self._bench.board, self._console
        if isinstance(deed, Throw):
            fault = board.throw(deed.path, deed.kind, deed.amount, deed.seconds)
            lasting = "" if deed.seconds is None else f" for {deed.seconds:.0f} s"
            plain = fault.amount is None or (fault.path.startswith("plant:") and fault.amount == 1.0)
            amount = "" if plain else f" {fault.amount:g} {fault.unit}".rstrip()
            return f"{fault.path} {fault.kind}{amount}{lasting}"
        if isinstance(deed, Mend):
            return f"{deed.path} mended" if board.mend(deed.path) else f"nothing to mend at {deed.path}"
        if isinstance(deed, Force):
            return self._force(deed)
        if isinstance(deed, Assign):
            await console.set_authority(deed.area, deed.authority, actor=ACTOR, reason="scenario")
            return f"{deed.area} is {deed.authority}"
        if isinstance(deed, LockOut):
            await console.lock_out(deed.equipment, deed.locked, actor=ACTOR, reason="scenario")
            return f"{deed.equipment} {'locked out' if deed.locked else 'free again'}"
        return await self._override(deed)

    async def _override(self, deed: Overriding) -> str:
        if deed.value is None:
            for one in self._console.overrides():
                if one.command.point == deed.point:
                    await self._console.cancel_override(one.id, actor=ACTOR)
            return f"{deed.point} given back"
        await self._console.override(
            deed.point, deed.value, seconds=deed.seconds, actor=ACTOR, reason=deed.reason
        )
        return f"{deed.point} = {deed.value} for {deed.seconds:.0f} s: {deed.reason}"

    def _force(self, deed: Force) -> str:
        if deed.value is None:
            self._bench.world.let_go(deed.variable)
            return f"{deed.variable} as the plant has it"
        self._bench.world.command(deed.variable, deed.value)
        return f"{deed.variable} = {deed.value:g}"

    def _note_alarms(self, elapsed: float) -> None:
        alarms = {one.id: one.text for one in self._bench.parts.alarms.all() if one.standing}
        standing = frozenset(alarms)
        for id_ in sorted(standing - self._alarms):
            self.recording.note(elapsed, "alarm", alarms[id_], id_)
        for id_ in sorted(self._alarms - standing):
            self.recording.note(elapsed, "alarm over", id_, id_)
        self._alarms = standing


def _writes_of(devices: Mapping[str, SimulatedDevice]) -> dict[str, int]:
    """By point; signs of life are no commands."""
    found = {}
    for device in devices.values():
        beat = device.profile.heartbeat
        for name, count in sorted(device.writes_to.items()):
            if beat is None or name != beat.point:
                found[f"{device.id}.{name}"] = count
    return found


def _recorded(scenario: Scenario, kpis: Kpis) -> list[str]:
    plotted = [name for names in scenario.plots for name in names]
    counting = kpis.counting
    return [
        *scenario.record,
        *plotted,
        *counting.machines.values(),
        *counting.running.values(),
        *counting.cooling,
    ]


def _band(name: str, band: tuple[float, float], figures: Figures) -> Verdict:
    low, high = band
    value = figures.get(name)
    met = value is not None and low <= value <= high
    text = "there is no such figure" if value is None else f"{value:.6g}, wanted {low:g} to {high:g}"
    return Verdict(name=name, kind="figure", met=met, at=None, text=text)
