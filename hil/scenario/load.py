"""A scenario file to a Scenario: every problem at once, each with line, column and the mend."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.config.document import Document, read_document
from agent.config.load import sorted_problems
from agent.config.names import nearest
from agent.core.errors import ConfigurationError
from agent.core.point import Point, ValueKind
from agent.core.site import Site
from hil.bench.rig import RigPlan
from hil.kpi_counting import Counting, default_counting, read_counting
from hil.scenario.condition import Condition, ConditionError, parse_condition
from hil.scenario.deeds import Names, read_step
from hil.scenario.reader import Section, listed
from hil.scenario.rig_section import read_rig
from hil.scenario.staging import Staging, stage
from hil.scenario.story import Expectation, Instant, Kind, Scenario, Storm
from hil.scenario.words import EXPECTATION, FIGURES, KINDS, MACHINE_FIGURES, SECTIONS, STORM


@dataclass(frozen=True, slots=True)
class Loaded:
    """A story, the stage it is told on, and what is counted in it."""

    scenario: Scenario
    staging: Staging
    counting: Counting
    rig: RigPlan


def load_scenario(path: Path, *, pace: float | None = None) -> Loaded:
    """Everything the file says. Raises ConfigurationError with all problems."""
    document = read_document(path)
    if not isinstance(document.data, dict):
        document.add((), "a scenario is made of sections", "begin with version: 1")
        raise ConfigurationError(sorted_problems(document))
    root = Section(document, (), document.data)
    root.allow(SECTIONS)
    if document.data.get("version") != 1:
        document.add(("version",), "the version of the file is missing or not known here", "write version: 1")
    staging = stage(root, path.absolute().parent)
    if staging is None:
        raise ConfigurationError(sorted_problems(document))
    scenario = _Loading(document, root, staging).scenario(path, pace)
    counting = default_counting(staging.site, staging.variables)
    counting = read_counting(document, document.data.get("counting"), counting, staging.variables)
    _check_figures(root, staging.site, counting)
    rig = read_rig(document, document.data.get("rig"), staging.site)
    if document.problems:
        raise ConfigurationError(sorted_problems(document))
    return Loaded(scenario, staging, counting, rig)


class _Loading:
    def __init__(self, document: Document, root: Section, staging: Staging) -> None:
        self._document = document
        self._root = root
        self._site = staging.site
        self._staging = staging
        self._names = Names(staging.site, staging.variables, staging.failures, staging.start_of_day)
        self._steps: tuple[str, ...] = ()

    def scenario(self, path: Path, pace: float | None) -> Scenario:
        root, document = self._root, self._document
        written = listed(document, "steps")
        read = (read_step(document, n, one, self._names) for n, one in enumerate(written))
        steps = tuple(sorted((one for one in read if one is not None), key=lambda one: one.at))
        named = (str(one["name"]) for one in written if isinstance(one, dict) and "name" in one)
        self._steps = tuple(
            dict.fromkeys((*(step.name for step in steps), *named))
        )  # also those with an error
        return Scenario(
            file=str(path),
            name=root.text("name", path.stem),
            help=root.text("help"),
            site=self._site.place.name,
            start=self._staging.start,
            timezone=self._site.place.timezone,
            seed=self._staging.seed,
            length=root.number("length", "s", 3600.0),
            speed=root.number("speed", "", 60.0),
            pace=pace or root.number("pace", "s", 60.0),
            steps=steps,
            storm=self._storm(),
            expectations=tuple(self._expectations()),
            abort_if=tuple(self._conditions("abort_if")),
            bands=dict(self._bands()),
            record=tuple(self._record()),
            plots=tuple(self._plots()),
        )

    def _storm(self) -> Storm | None:
        if not self._root.has("storm"):
            return None
        section = Section(self._document, ("storm",), self._root.data["storm"])
        section.allow(STORM)
        length = self._root.number("length", "s", 3600.0)
        return Storm(
            begin=section.number("from", "s", 0.0),
            end=section.number("until", "s", length),
            every=max(section.number("every", "s", 900.0), 1.0),
            lasting=section.number("for", "s", 300.0),
        )

    def _expectations(self) -> Iterator[Expectation]:
        for index, data in enumerate(listed(self._document, "expect")):
            section = Section(self._document, ("expect", index), data)
            kinds = [kind for kind in KINDS if kind in section.data]
            if len(kinds) != 1:
                section.allow((*KINDS, *EXPECTATION))
                self._document.add(
                    section.where, "an expectation is one of four", f"give one of {', '.join(KINDS)}"
                )
                continue
            section.allow_with(kinds[0], KINDS[kinds[0]][1], ("name", "tolerance"), EXPECTATION)
            one = self._expectation(section, Kind(kinds[0]))
            if one is not None:
                yield one

    def _expectation(self, section: Section, kind: Kind) -> Expectation | None:
        key = "that" if kind is Kind.WITHIN else kind.value
        condition = self._condition(section, key)
        if condition is None:
            return None
        begin = "after" if kind is Kind.WITHIN else "from"
        day = self._names.start_of_day
        spared = section.text("except")
        return Expectation(
            name=section.text("name") or condition.text,
            kind=kind,
            condition=condition,
            begin=section.instant(begin, self._steps, day) or Instant(0.0),
            end=section.instant("until", self._steps, day),
            spared=tuple(self._spared(section, spared)) if spared else (),
            within=section.number("within", "s", 0.0) if kind is Kind.WITHIN else 0.0,
            holds=section.number("holds", "s", 0.0),
            tolerated=section.number("tolerated", "s", 0.0),
            line=section.line,
        )

    def _spared(self, section: Section, text: str) -> Iterator[tuple[Instant, float]]:
        """`10 min after trip, 5 min after start`: from the step on, for so long."""
        for part in text.split(","):
            single = Section(self._document, section.where, {"except": part.strip()})
            instant = single.instant("except", self._steps, self._names.start_of_day)
            if instant is not None:
                yield Instant(0.0, instant.after), instant.seconds

    def _condition(self, section: Section, key: str) -> Condition | None:
        text = section.data.get(key)
        if not isinstance(text, str):
            section.missing(key) if text is None else section.wrong(key, "a condition is a text")
            return None
        try:
            return parse_condition(text, self._unit_of, section.data.get("tolerance"))
        except ConditionError as error:
            section.wrong(key, str(error), error.mend)
            return None

    def _conditions(self, key: str) -> Iterator[Condition]:
        for index, text in enumerate(listed(self._document, key)):
            one = self._condition(Section(self._document, (key,), {index: text}), index)  # type: ignore[arg-type]
            if one is not None:
                yield one

    def _unit_of(self, signal: str) -> str | None:
        kind, _, name = (
            signal.rpartition(":") if signal.startswith(("point:", "decided:")) else ("", "", signal)
        )
        if signal.startswith("alarm:"):
            return ""
        if signal.startswith("authority:"):
            area = signal.partition(":")[2]
            if area not in self._site.areas:
                raise ConditionError(f"there is no area '{area}'", nearest(area, self._site.areas))
            return None
        if kind:
            point = self._site.points.get(name)
            if point is None:
                raise ConditionError(f"there is no point '{name}'", nearest(name, self._site.points))
            return _unit(point)
        info = self._names.variables.get(signal)
        if info is None:
            raise ConditionError(f"the plant has no '{signal}'", nearest(signal, self._names.variables))
        return info.unit

    def _bands(self) -> Iterator[tuple[str, tuple[float, float]]]:
        section = Section(self._document, ("kpis",), self._root.data.get("kpis"))
        for name, band in section.data.items():
            low_high = band if isinstance(band, list) else [band, band]
            if len(low_high) == 2 and all(isinstance(one, int | float) or one is None for one in low_high):
                low, high = low_high
                yield name, (float("-inf") if low is None else low, float("inf") if high is None else high)
            else:
                section.wrong(name, "a band is two numbers", f"write {name}: [low, high]")

    def _record(self) -> Iterator[str]:
        for index, pattern in enumerate(listed(self._document, "record")):
            names = fnmatch.filter(self._names.variables, str(pattern))
            if not names:
                mend = nearest(pattern, self._names.variables)
                self._document.add(("record", index), f"the plant has no '{pattern}'", mend)
            yield from names

    def _plots(self) -> Iterator[tuple[str, ...]]:
        for index, names in enumerate(listed(self._document, "plots")):
            shown: list[Any] = names if isinstance(names, list) else [names]
            found = [name for one in shown for name in fnmatch.filter(self._names.variables, str(one))]
            if not found:
                mend = nearest(shown[0] if shown else "", self._names.variables)
                self._document.add(("plots", index), "nothing the plant has", mend)
            yield tuple(found)


def _check_figures(root: Section, site: Site, counting: Counting) -> None:
    """A misspelt figure is found before the story is told, not after."""
    section = Section(root.document, ("kpis",), root.data.get("kpis"))
    known = [*FIGURES, *(f"writes.{point}" for point, one in site.points.items() if one.commandable)]
    for figure in MACHINE_FIGURES:
        machines = counting.machines if figure == "kwh" else counting.running
        known += [f"{figure}.{machine}" for machine in machines]
    for name in section.data:
        if name not in known:
            section.wrong(name, f"there is no figure '{name}'", nearest(name, known))


def _unit(point: Point) -> str | None:
    return point.unit if point.kind in (ValueKind.NUMBER, ValueKind.SWITCH) else None
