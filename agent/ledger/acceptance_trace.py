"""The file beside the acceptance report: a line for each figure, with the samples it stands on. For auditors and programs."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Sequence

from agent.ledger.acceptance import Acceptance
from agent.ledger.group_talk import Answer
from agent.ledger.register import DayUse, StoredSample

HEAD = (
    "figure", "subject", "value", "unit", "point", "samples",
    "first_time", "first_value", "first_block", "last_time", "last_value", "last_block", "note",
)  # fmt: skip


def trace_text(found: Acceptance, before: Sequence[DayUse], after: Sequence[DayUse]) -> str:
    """Comma-separated; times in UTC, ISO 8601; blocks as epoch/sequence, audit records as audit/number."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEAD)
    writer.writerows(_lines(found, before, after))
    return text.getvalue()


def _lines(found: Acceptance, before: Sequence[DayUse], after: Sequence[DayUse]) -> Iterator[tuple[str, ...]]:
    for name, uses in (("baseline day", before), ("monitoring day", after)):
        for one in uses:
            value = "" if one.kwh is None else f"{one.kwh:.6g}"
            yield (
                name,
                str(one.day),
                value,
                "kWh",
                one.point,
                str(one.count),
                *_ends(one.first, one.last),
                one.reason,
            )
    saving = found.saving
    if saving is not None:
        days = f"{saving.days_before} and {saving.days_after} days above; {saving.method}"
        for name, share in (
            ("saving", saving.share),
            ("saving, low", saving.low),
            ("saving, high", saving.high),
        ):
            yield (name, "all meters", f"{100.0 * share:.4f}", "%", "", "", *_ends(None, None), days)
    for light in found.lights:
        first, last = light.samples or (None, None)
        value = "" if light.lowest is None else f"{light.lowest:.6g}"
        note = f"{light.source.value}: {light.note}" if light.note else light.source.value
        point = first.point if first is not None else ""
        yield ("light", light.group, value, "lx", point, str(light.count), *_ends(first, last), note)
    for talk in found.talks:
        for answer in talk.answers:
            order = answer.order
            shown = "" if answer.shown is None else f"{answer.shown:g}"
            note = order.error or _seen(answer)
            yield (
                "command", talk.group, f"{order.level:g}", "%", "", "1", _time(order.time), f"{order.level:g}",
                f"audit/{order.audit}", "", shown, answer.place, note,
            )  # fmt: skip


def _seen(answer: Answer) -> str:
    if answer.arrived:
        return "arrived"
    return "nobody looked in time" if answer.shown is None else "not seen to arrive"


def _ends(first: StoredSample | None, last: StoredSample | None) -> tuple[str, ...]:
    return tuple(
        text
        for one in (first, last)
        for text in (("", "", "") if one is None else (_time(one.time), f"{one.value:.10g}", one.place))
    )


def _time(utc: float) -> str:
    return dt.datetime.fromtimestamp(utc, dt.UTC).isoformat(timespec="milliseconds")
