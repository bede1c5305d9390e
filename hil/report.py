"""What a run is reported as: JUnit XML for machines, one JSON object, and the words of its verdicts."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from hil.scenario.telling import Outcome


def as_plain(outcome: Outcome) -> dict[str, Any]:
    """Everything but the recorded rows, as plain values for JSON."""
    scenario = outcome.scenario
    return {
        "scenario": scenario.name,
        "file": scenario.file,
        "passed": outcome.passed,
        "aborted": outcome.aborted or None,
        "seconds": scenario.length,
        "wall_seconds": outcome.wall,
        "days_per_second": outcome.days_per_second,
        "us_per_tick": outcome.per_tick,
        "verdicts": [
            {
                "name": one.name,
                "kind": one.kind,
                "met": one.met,
                "at": one.at,
                "text": one.text,
                "line": one.line,
            }
            for one in outcome.verdicts
        ],
        "figures": outcome.figures,
        "happenings": [
            {"elapsed": one.elapsed, "kind": one.kind, "text": one.text}
            for one in outcome.recording.happenings
        ],
    }


def write_json(outcome: Outcome, path: Path) -> None:
    path.write_text(json.dumps(as_plain(outcome), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def write_junit(outcome: Outcome, path: Path, bench: str) -> None:
    """One test case an expectation and band, in the form that CI servers read."""
    scenario = outcome.scenario
    failed = sum(not one.met for one in outcome.verdicts)
    suite = ET.Element(
        "testsuite",
        name=scenario.name,
        tests=str(len(outcome.verdicts)),
        failures=str(failed),
        errors="1" if outcome.aborted else "0",
        time=f"{outcome.wall:.3f}",
    )
    for one in outcome.verdicts:
        case = ET.SubElement(
            suite,
            "testcase",
            classname=f"{bench}.{Path(scenario.file).stem}",
            name=one.name,
            file=scenario.file,
        )
        if one.line:
            case.set("line", str(one.line))
        if not one.met:
            ET.SubElement(case, "failure", message=one.text, type=one.kind).text = one.text
    if outcome.aborted:
        case = ET.SubElement(suite, "testcase", classname=bench, name="told to the end")
        ET.SubElement(case, "error", message=outcome.aborted)
    path.write_text(_xml(suite), encoding="utf-8")


def _xml(suite: ET.Element) -> str:
    ET.indent(suite)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suite, encoding="unicode") + "\n"


def clock_of(seconds: float | None) -> str:
    """Site seconds as a person reads them: `1 d 02:03:04`."""
    if seconds is None or not math.isfinite(seconds):
        return ""
    whole = round(seconds)
    days, rest = divmod(whole, 86_400)
    clock = f"{rest // 3600:02d}:{rest % 3600 // 60:02d}:{rest % 60:02d}"
    return f"{days} d {clock}" if days else clock


def figure_text(value: float | None) -> str:
    """A figure as a person reads it; None is a figure that does not apply."""
    if value is None:
        return "-"
    if value == int(value) and abs(value) < 1e6:
        return f"{value:.0f}"
    return f"{value:.4g}" if abs(value) < 100.0 else f"{value:,.1f}"
