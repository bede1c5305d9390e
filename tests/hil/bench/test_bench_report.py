"""What a run leaves behind: a page that says what led to what, and test results that every CI server takes."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from hil.cli import bench
from hil.recording import Happening
from hil.report import write_junit, write_junit_error
from hil.report_happenings import chapters, lines, spans
from hil.scenario.ending import Ending
from hil.scenario.load import load_scenario
from hil.scenario.run import run_on_sim
from hil.scenario.telling import Telling
from tests.hil.bench.bench_room import lay_out

STORY = """\
version: 1
name: Two faults <and> a step
site: room
start: 2026-07-15 13:00
seed: 5
sensors: false
warm_up: 0 s
pace: 10 s
length: 30 min
steps:
  - {at: 5 min, name: trip, throw: plant:chiller_1.trip, for: 5 min}
  - {at: 15 min, name: hot, throw: "point:m1.supply bias", amount: 3}
  - {at: 20 min, name: cool, mend: "point:m1.supply"}
expect:
  - {name: it stops, within: 1 min, after: trip, that: chiller_1.status is false}
  - {name: it is wrong, never: "chiller_1.status is false"}
"""
# What the strictest reader allows: the schema junit-10 of the xUnit plugin of Jenkins.
ALLOWED = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "time", "skipped", "timestamp", "hostname", "id"},
    "testcase": {"name", "time", "classname", "group"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    return run_on_sim(load_scenario(lay_out(folder, STORY)))


def checked(path):
    """The root, after every element and count in it was looked at."""
    root = ET.parse(path).getroot()
    for one in root.iter():
        assert set(one.attrib) <= ALLOWED[one.tag], one.tag
    suite = root.find("testsuite")
    cases = suite.findall("testcase")
    assert int(suite.get("tests")) == len(cases)
    assert int(suite.get("failures")) == sum(case.find("failure") is not None for case in cases)
    assert int(suite.get("errors")) == sum(case.find("error") is not None for case in cases)
    return root


def test_test_results_are_of_the_strict_form(told, tmp_path):
    write_junit(told, tmp_path / "junit.xml", "sim")
    failure = checked(tmp_path / "junit.xml").find(".//failure")
    assert failure.text.endswith("story.yaml:16: broken at 310 s")
    aborted = replace(told, aborted="by a \x01 person")
    write_junit(aborted, tmp_path / "junit.xml", "sim")
    error = checked(tmp_path / "junit.xml").find(".//error")
    assert error.get("message") == "by a   person"
    write_junit_error(tmp_path / "junit.xml", tmp_path / "story.yaml", "live", "the agent has ended")
    assert checked(tmp_path / "junit.xml").find("testsuite").get("errors") == "1"


def test_a_run_without_an_outcome_leaves_an_error_for_the_ci_server(tmp_path):
    path = lay_out(tmp_path, STORY)
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "recording.csv").mkdir()  # cannot be written
    done = CliRunner().invoke(bench(), ["run", str(path), "--report", str(tmp_path / "report")])
    assert done.exit_code == 3, done.output
    assert "recording.csv" in checked(tmp_path / "report" / "junit.xml").find(".//error").get("message")


def test_the_page_tells_both_times_the_lanes_and_the_units(told, tmp_path):
    from hil.report_html import write_html

    write_html(told, tmp_path / "report.html", "sim", {})
    page = (tmp_path / "report.html").read_text()
    assert "Two faults &lt;and&gt; a step" in page
    assert "Bench room from 2026-07-15 13:00 (Asia/Shanghai), seed 5" in page
    assert '<td>00:05:00<td>13:05:00<td>fault<td class="cause">trip: plant:chiller_1 trip for 300 s' in page
    assert page.index("<svg") < page.index("What happened")
    assert '<td>kwh<td class="n">' in page
    assert "kW, mean of a quarter of an hour" in page


def test_when_faults_stood(told):
    found = spans(told.recording.happenings, told.told)
    assert found["plant"] == [pytest.approx((300.0, 600.0), abs=10.0)]
    assert found["point"] == [pytest.approx((900.0, 1200.0), abs=10.0)], "until it was mended"


def test_what_follows_a_cause_stands_below_it():
    happened = [
        Happening(1.0, "alarm", "early", "a"),
        Happening(5.0, "fault", "cut", "bus:plant", 50.0),
        Happening(7.0, "alarm", "one", "b"),
        Happening(7.0, "alarm", "two", "c"),
        Happening(9.0, "alarm over", "b", "b"),
        Happening(20.0, "step", "next"),
    ]
    first, cut, last = chapters(happened)
    assert (first.cause, cut.cause.text, last.followed) == (None, "cut", [])
    assert [one.texts for one in lines(cut.followed)] == [("one", "two"), ("b",)]
    assert spans(happened, 30.0) == {"bus": [(5.0, 30.0)], "alarms": [(7.0, 9.0), (1.0, 30.0), (7.0, 30.0)]}


def test_a_person_ends_a_run_and_still_gets_what_is_known(tmp_path, monkeypatch):
    ending = Ending()
    assert not ending.now("too early"), "nobody is there to be told"
    loaded = load_scenario(lay_out(tmp_path, STORY))
    original = Telling.stepped

    def stepped(self, moment):
        if moment.elapsed >= 600.0 and not ending.reason:
            ending.tell(self.end)
            assert ending.now("ended by a person")
            assert not ending.now("again")
        original(self, moment)

    monkeypatch.setattr(Telling, "stepped", stepped)
    outcome = run_on_sim(loaded)
    assert (outcome.aborted, outcome.passed) == ("ended by a person", False)
    assert outcome.told == pytest.approx(600.0)
    assert outcome.verdicts[0].met
