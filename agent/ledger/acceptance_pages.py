"""The acceptance as blocks: the word, what it stands on, the plots, every day and group, and where each figure lies in the store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from agent.ledger.acceptance import Acceptance, percent
from agent.ledger.blocks import Block, Heading, Table, Text, Verdict
from agent.ledger.chart import Bar, bars, interval
from agent.ledger.drawing import AMBER, BLUE, GREY, RED
from agent.ledger.register import DayUse, StoredSample
from agent.ledger.saving import Split


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What the report says of itself."""

    title: str
    site: str
    zone: ZoneInfo
    meters: Mapping[str, str]  # point of the register -> name of the meter
    baseline: tuple[dt.date, dt.date]
    monitoring: tuple[dt.date, dt.date]
    lamps: str  # in words; empty where nothing was said
    drills: Sequence[str]  # drills and group tests on record, in words
    made: float  # UTC seconds
    store: str
    configuration: str  # digest of the site file
    file: str  # digest of the acceptance file

    def clock(self, utc: float, form: str = "%Y-%m-%d %H:%M:%S") -> str:
        return dt.datetime.fromtimestamp(utc, self.zone).strftime(form)


def pages(
    found: Acceptance, before: Sequence[DayUse], after: Sequence[DayUse], setting: Setting
) -> list[Block]:
    """All of it in order."""
    return [
        *_top(found, setting),
        *_saving(found, before, after),
        *_light(found),
        *_talk(found, setting),
        *_days(before, after, setting),
        *_method(found, setting),
    ]


def _top(found: Acceptance, setting: Setting) -> Iterator[Block]:
    yield Heading(setting.title, 1)
    spans = [
        f"{name} {first} to {last}"
        for name, (first, last) in (("baseline", setting.baseline), ("monitoring", setting.monitoring))
    ]
    yield Text(f"{setting.site}; {', '.join(spans)}; meters: {', '.join(setting.meters.values())}")
    missed = [one.what for one in found.findings if not one.ok]
    words = "every limit holds" if found.passed else f"not proved: {', '.join(missed)}"
    yield Verdict("PASS" if found.passed else "FAIL", found.passed, words)
    rows = [(one.what, one.wanted, one.found, "yes" if one.ok else "NO") for one in found.findings]
    yield Table(("limit", "wanted", "found", "held"), rows)
    yield Text(f"Limits: {found.limits.standard}.", small=True)


def _saving(found: Acceptance, before: Sequence[DayUse], after: Sequence[DayUse]) -> Iterator[Block]:
    yield Heading("Electricity")
    saving = found.saving
    if saving is None:
        yield Text(f"No saving can be told: {found.why}.")
        return
    rows = [
        (
            "baseline, kWh a day",
            f"{saving.before:.2f}",
            f"{saving.before_error:.2f}",
            str(saving.days_before),
        ),
        ("monitoring, kWh a day", f"{saving.after:.2f}", f"{saving.after_error:.2f}", str(saving.days_after)),
    ]
    yield Table(("mean of complete days", "kWh a day", "standard error", "days"), rows, frozenset({1, 2, 3}))
    words = (
        f"the saving is {percent(saving.share)} ({percent(saving.low)} to {percent(saving.high)} "
        f"with {100.0 * saving.confidence:g} % confidence)"
    )
    yield Text(f"{words[:1].upper()}{words[1:]}.")
    yield interval(saving.low, saving.share, saving.high, found.limits.saving / 100.0, words)
    days = _by_day([*before, *after])
    boundary = min((one.day for one in after), default=dt.date.max)
    shown = [Bar(f"{day:%m-%d}", kwh, GREY if day < boundary else BLUE) for day, kwh in sorted(days.items())]
    yield bars(shown, "kWh", "electricity of each day: grey baseline, blue monitoring")
    yield from _parts(found.split, saving.share, saving.before)


def _parts(part: Split | None, share: float, before: float) -> Iterator[Block]:
    if part is None:
        yield Text("Lamp swap and control are not told apart: the acceptance file names no lamp powers.")
        return
    yield Text(
        f"Of this, new lamps at the old burning hours save {percent(part.swap)} of the baseline "
        f"(all new lamps draw {percent(part.ratio)} of all old ones at full level), dimming and switching {percent(part.control)}."
    )
    rows = [("lamp swap", part.swap), ("control", part.control), ("together", share)]
    yield Table(
        ("part of the saving", "of the baseline", "kWh a day"),
        [(name, percent(one), f"{one * before:.2f}") for name, one in rows],
        frozenset({1, 2}),
    )


def _light(found: Acceptance) -> Iterator[Block]:
    yield Heading("Light where somebody is")
    limit = found.limits.illuminance
    lights = sorted(found.lights, key=lambda one: -1.0 if one.lowest is None else one.lowest)
    shown = [
        Bar(one.group, one.lowest, BLUE if one.enough(limit) else RED if one.lowest is not None else AMBER)
        for one in lights
    ]
    yield bars(shown, "lx", "lowest light of each group, lowest group first", limit, f"limit {limit:g} lx")
    rows = [
        (
            one.name,
            "-" if one.lowest is None else f"{one.lowest:.1f}",
            one.source.value,
            str(one.count),
            "-" if one.sensor is None else f"{one.sensor:.1f}",
            "yes" if one.enough(limit) else "NO",
            one.note,
        )
        for one in lights
    ]
    head = ("group", "lowest, lx", "by", "readings", "its sensor, lx", "held", "note")
    yield Table(head, rows, frozenset({1, 3, 4}))
    yield Text(
        "By luxmeter: the lowest reading that staff wrote down. By sensor: of its samples while the group's radar saw somebody, "
        "from 3 s after the first sight on, the value that 5 % lie below (a photocell hisses).",
        small=True,
    )


def _talk(found: Acceptance, setting: Setting) -> Iterator[Block]:
    yield Heading("Group communication")
    rows = [(one.name, one.words, "yes" if one.passed else "NO") for one in found.talks]
    yield Table(("group", "commands on record against what the group showed afterwards", "held"), rows)
    drills = "; ".join(setting.drills) or "none on record"
    yield Text(f"Drills and group tests on record: {drills}.", small=True)


def _days(before: Sequence[DayUse], after: Sequence[DayUse], setting: Setting) -> Iterator[Block]:
    yield Heading("Days, and where their figures lie")
    rows = [
        (
            str(one.day),
            name,
            setting.meters.get(one.point, one.point),
            "-" if one.kwh is None else f"{one.kwh:.3f}",
            _place(one.first, setting),
            _place(one.last, setting),
            str(one.count),
            one.reason,
        )
        for name, uses in (("baseline", before), ("monitoring", after))
        for one in uses
    ]
    head = ("day", "period", "meter", "kWh", "first sample", "last sample", "samples", "left out because")
    yield Table(head, rows, frozenset({3, 6}))


def _place(sample: StoredSample | None, setting: Setting) -> str:
    if sample is None:
        return "-"
    return f"{setting.clock(sample.time, '%m-%d %H:%M:%S')} {sample.value:.10g} ({sample.place})"


def _method(found: Acceptance, setting: Setting) -> Iterator[Block]:
    yield Heading("Method and sources")
    if found.saving is not None:
        yield Text(f"Saving: {found.saving.method}.")
    yield Text(
        "A day counts when its register was read around both midnights; between the two nearest samples the register is taken as "
        "straight. A register that went back makes its day unknown. Days on which any of the meters is unknown are left out."
    )
    yield Text(f"Lamps: {setting.lamps}." if setting.lamps else "Lamps: no powers were told.")
    yield Text(
        f"Samples are named by epoch/sequence of their block in {setting.store}; the file beside this report names point, first and last "
        f"sample and count of every figure. Made {setting.clock(setting.made)} ({setting.zone.key}); configuration "
        f"{setting.configuration[:12]}, acceptance file {setting.file[:12]}.",
        small=True,
    )


def _by_day(uses: Sequence[DayUse]) -> dict[dt.date, float | None]:
    """All meters together; None where one of them is not known."""
    found: dict[dt.date, float | None] = {}
    for one in uses:
        before = found.get(one.day, 0.0)
        found[one.day] = None if before is None or one.kwh is None else before + one.kwh
    return found
