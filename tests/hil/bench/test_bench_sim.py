"""The bench on virtual time: faults, people and the agent's writes, as a story in milliseconds."""

import pytest

from agent.core.errors import ConfigurationError
from hil.scenario.load import load_scenario
from hil.scenario.run import run_on_sim
from tests.hil.bench.bench_room import lay_out

HEAD = "version: 1\nsite: room\nsensors: false\nwarm_up: 0 s\npace: 10 s\n"


def told(tmp_path, story):
    return run_on_sim(load_scenario(lay_out(tmp_path, HEAD + story)))


def met(outcome):
    return {one.name: one.met for one in outcome.verdicts}


def said(outcome, kind):
    return [one.text for one in outcome.recording.happenings if one.kind == kind]


def test_an_override_stops_the_machine_and_gives_it_back(tmp_path):
    outcome = told(
        tmp_path,
        """\
length: 40 min
steps:
  - {at: 10 min, name: stop, override: m1.run, value: false, for: 10 min}
expect:
  - {name: stops, within: 30 s, after: stop, that: chiller_1.status is false}
  - {name: comes back, always: chiller_1.status is true and loop.cooling > 100 kW, from: 11 min after stop}
  - {name: seen by the agent, within: 1 min, after: stop, that: "point:m1.status is false"}
  - {name: warms up, within: 10 min, after: stop, that: loop.chilled_water_supply_temp >= 13 degC}
kpis: {starts.chiller_1: [1, 1], kwh: [24.5, 25.5], eer_sys: 4.0}
""",
    )
    assert met(outcome) == {
        "stops": True,
        "comes back": True,
        "seen by the agent": True,
        "warms up": True,
        "starts.chiller_1": True,
        "kwh": True,
        "eer_sys": True,
    }
    assert outcome.figures["writes.m1.run"] == outcome.figures["writes"] == 2.0, "off, and given back"
    assert outcome.figures["shortest_off_s.chiller_1"] == pytest.approx(600.0, abs=21.0)


def test_a_fault_of_the_plant_is_thrown_and_mended_by_path(tmp_path):
    outcome = told(
        tmp_path,
        """\
length: 30 min
steps:
  - {at: 5 min, name: trip, throw: plant:chiller_1.trip, for: 10 min}
expect:
  - {name: off, within: 20 s, after: trip, that: chiller_1.status is false}
  - {name: on again, finally: chiller_1.status is true}
  - {name: never off, never: chiller_1.status is false}
""",
    )
    assert met(outcome) == {"off": True, "on again": True, "never off": False}
    assert said(outcome, "fault") == ["trip: plant:chiller_1 trip for 600 s"]


def test_a_step_that_cannot_be_done_fails_the_story(tmp_path):
    outcome = told(
        tmp_path,
        """\
length: 10 min
steps:
  - {at: 5 min, name: babble, throw: bus:room babble}
expect:
  - {name: runs, always: chiller_1.status is true}
""",
    )
    assert met(outcome) == {"babble": False, "runs": True}
    assert not outcome.passed
    assert "not possible on this bench" in outcome.verdicts[0].text


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("plant:chiller_1.trp", "did you mean chiller_1.trip"),
        ("plant:chiller_1 trp", "there are chiller_1.trip"),
        ("device:m2 freeze", "there are m1"),
        ("device:m1 freze", "did you mean freeze"),
        ("bus:roam loss", "did you mean room"),
        ("point:m1.suply stuck", "did you mean m1.supply"),
        ("chiller_1.trip", "is no place of a fault"),
    ],
)
def test_a_fault_that_cannot_be_is_found_before_anything_runs(tmp_path, written, said):
    text = f"length: 10 min\nsteps:\n  - {{at: 5 min, name: it, throw: '{written}'}}\n"
    text += "expect:\n  - {name: runs, within: 5 min, after: it, that: chiller_1.status is true}\n"
    with pytest.raises(ConfigurationError) as refused:
        told(tmp_path, text)
    assert len(refused.value.problems) == 1  # what speaks of the step is not wrong as well
    assert said in str(refused.value)


def test_a_silent_device_becomes_an_alarm_that_ends(tmp_path):
    outcome = told(
        tmp_path,
        """\
length: 20 min
steps:
  - {at: 2 min, name: away, throw: "device:m1 off", for: 5 min}
expect:
  - {name: alarm, within: 2 min, after: away, that: "alarm:device:m1 is true"}
  - {name: over, finally: "alarm:device:* is false"}
""",
    )
    assert met(outcome) == {"alarm": True, "over": True}
    assert len(said(outcome, "alarm")) == 1


def test_a_stuck_sensor_deceives_the_agent_and_not_the_figures(tmp_path):
    outcome = told(
        tmp_path,
        """\
length: 20 min
steps:
  - {at: 1 min, name: stuck, throw: "point:m1.supply stuck"}
  - {at: 2 min, override: m1.run, value: false}
expect:
  - {name: deceived, always: "point:m1.supply <= 7.2 degC", from: 2 min}
  - {name: truth, finally: loop.chilled_water_supply_temp > 15 degC}
""",
    )
    assert met(outcome) == {"deceived": True, "truth": True}


def test_in_other_hands_nothing_is_written(tmp_path):
    outcome = told(
        tmp_path,
        """\
length: 20 min
steps:
  - {at: 1 min, override: m1.run, value: false, for: 1 h}
  - {at: 5 min, name: given, authority: plant bms}
expect:
  - {name: given back, within: 1 min, after: given, that: chiller_1.status is true and authority:plant is bms}
  - {name: stays, always: chiller_1.status is true, from: 7 min}
""",
    )
    assert met(outcome) == {"given back": True, "stays": True}


def test_the_world_can_be_forced_and_let_go(tmp_path):
    outcome = told(
        tmp_path,
        """\
length: 1 h
steps:
  - {at: 20 min, force: loop.load, value: 400 kW}
  - {at: 40 min, force: loop.load}
kpis: {cooling_kwh_th: [266, 267.5], peak_kw: [82.5, 84.5]}
""",
    )
    assert met(outcome) == {"cooling_kwh_th": True, "peak_kw": True}


def test_an_abort_condition_ends_the_story(tmp_path):
    outcome = told(
        tmp_path,
        """\
length: 2 h
steps:
  - {at: 5 min, override: m1.run, value: false, for: 2 h}
abort_if: ["loop.chilled_water_supply_temp > 12 degC"]
""",
    )
    assert not outcome.passed
    assert "chilled_water_supply_temp > 12" in outcome.aborted
    assert outcome.figures["hours"] < 0.4


def test_the_same_story_has_the_same_figures_at_any_pace(tmp_path):
    story = """\
length: 3 h
steps:
  - {at: 30 min, override: m1.run, value: false, for: 20 min}
"""
    path = lay_out(tmp_path, HEAD + story)
    fine = run_on_sim(load_scenario(path, pace=1.0)).figures
    coarse = run_on_sim(load_scenario(path, pace=60.0)).figures
    for name in ("kwh", "cooling_kwh_th", "peak_kw"):
        assert coarse[name] == pytest.approx(fine[name], rel=0.02), name
    assert coarse["starts"] == fine["starts"] == 1.0


def test_every_kind_of_the_storm_comes_and_the_agent_outlives_it(tmp_path):
    outcome = told(
        tmp_path,
        """\
length: 8 h
seed: 5
storm: {from: 10 min, until: 7 h, every: 5 min, for: 3 min}
expect:
  - {name: in charge, finally: "authority:plant is agent"}
  - {name: runs, finally: "chiller_1.status is true"}
  - {name: answers, finally: "alarm:device:m1 is false and alarm:bus:* is false"}
  - {name: decides, never: "alarm:tick:* is true"}
""",
    )
    assert met(outcome) == {"in charge": True, "runs": True, "answers": True, "decides": True}
    thrown = {text.split()[3] for text in said(outcome, "fault")}
    assert {"off", "freeze", "stuck", "bias", "trip", "reboot", "second_master", "writes_refused"} <= thrown


def test_a_bad_story_is_refused_with_line_column_and_the_word_that_was_meant(tmp_path):
    story = """\
length: 1 h
lenght: 2 h
steps:
  - {at: 5 min, override: m1.rum, value: false}
  - {at: 5 furlongs, throw: nonsense}
  - {at: 1 min, authority: plant boss}
expect:
  - {always: loop.chilled_water_suply_temp <= 9 degC}
  - {within: 5 min, after: trip, that: chiller_1.status is true}
  - {never: loop.cooling <= 9 degC}
  - {always: chiller_1.status is true, never: chiller_1.status is false}
kpis: {kwh: [1, 2, 3]}
plots: [nothing.*]
"""
    with pytest.raises(ConfigurationError) as caught:
        load_scenario(lay_out(tmp_path, HEAD + story))
    problems = {(one.line, one.column): f"{one.message} ({one.mend})" for one in caught.value.problems}
    text = "\n".join(f"{line}:{column} {said}" for (line, column), said in sorted(problems.items()))
    assert "7:1 'lenght' is not a key known here (did you mean 'length'?)" in text
    assert "did you mean 'm1.run'?" in text
    assert "'furlongs' is not a unit known here" in text
    assert "write throw: device:ch1 freeze" in text
    assert "write authority: <area> <mode>" in text
    assert "did you mean 'loop.chilled_water_supply_temp'?" in text
    assert "there is no step named 'trip'" in text
    assert "measures temperature" in text
    assert "give one of within, always, never, finally" in text
    assert "a band is two numbers" in text
    assert {line for line, _ in problems} == {7, 9, 10, 11, 13, 14, 15, 16, 17, 18}
