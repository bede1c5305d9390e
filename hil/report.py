"""What a run is reported as: JUnit XML for machines, one JSON object, and the words of its verdicts."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from hil.scenario.telling import Outcome

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_plain(outcome: Outcome) -> dict[str, Any]:
    """Everything but the recorded rows, as plain values for JSON."""
    scenario = outcome.scenario
    return {
        "scenario": scenario.name,
        "file": scenario.file,
        "site": scenario.site,
        "start_utc": scenario.start,
        "seed": scenario.seed,
        "passed": outcome.passed,
        "aborted": outcome.aborted or None,
        "warnings": list(outcome.warnings),
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
            {
                "elapsed": one.elapsed,
                "kind": one.kind,
                "text": one.text,
                "subject": one.subject or None,
                "until": one.until,
            }
            for one in outcome.recording.happenings
        ],
    }


def write_json(outcome: Outcome, path: Path) -> None:
    path.write_text(json.dumps(as_plain(outcome), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def write_junit(outcome: Outcome, path: Path, bench: str) -> None:
    """One test case an expectation, band and step that could not be done.

    Only what every reader of the form knows: the strictest schema (xUnit of Jenkins) has neither file nor line at a test
    case, so they stand in the text of the failure.
    """
    scenario = outcome.scenario
    name = f"{bench}.{Path(scenario.file).stem}"
    cases = []
    for one in outcome.verdicts:
        case = ET.Element("testcase", classname=name, name=one.name, time="0")
        if not one.met:
            where = f"{scenario.file}:{one.line}: " if one.line else ""
            ET.SubElement(case, "failure", message=one.text, type=one.kind).text = f"{where}{one.text}"
        cases.append(case)
    if outcome.aborted:
        cases.append(_error_case(name, outcome.aborted))
    _write_suite(path, scenario.name, cases, outcome.wall)


def write_junit_error(path: Path, scenario: Path, bench: str, error: str) -> None:
    """A run that gave no outcome at all."""
    _write_suite(path, scenario.stem, [_error_case(f"{bench}.{scenario.stem}", error)], 0.0)


def _error_case(name: str, error: str) -> ET.Element:
    case = ET.Element("testcase", classname=name, name="told to the end", time="0")
    ET.SubElement(case, "error", message=error, type="aborted")
    return case


def _write_suite(path: Path, name: str, cases: Sequence[ET.Element], wall: float) -> None:
    counts = {
        "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": str(sum(case.find("error") is not None for case in cases)),
        "time": f"{wall:.3f}",
    }
    suites = ET.Element("testsuites", counts)
    now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S")
    suite = ET.SubElement(suites, "testsuite", {"name": name, **counts, "skipped": "0", "timestamp": now})
    suite.extend(cases)
    path.write_text(_xml(suites), encoding="utf-8")


def _xml(element: ET.Element) -> str:
    ET.indent(element)
    text = _NOT_XML.sub(" ", ET.tostring(element, encoding="unicode"))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


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
