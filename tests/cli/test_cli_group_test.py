"""`plantroom group-test` with a scripted agent: who follows, who does not, whose hand is already there."""

import json
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from agent.cli import group_test
from agent.cli.__main__ import root

SITE = """\
version: 1
site: {name: Garage 7, latitude: 22.55, longitude: 114.06, timezone: Asia/Shanghai}
buses: {lamps: {kind: modbus-tcp, host: 127.0.0.1, port: 15000}}
devices: {gw: {profile: plantroom_lamp_gateway, bus: lamps, unit: 1}}
areas: {garage: {tick: 1 s}}
equipment:
  ramp: {kind: lamp_group, area: garage, device: gw, group: 1, name: Ramp}
  aisle: {kind: lamp_group, area: garage, device: gw, group: 2, name: Aisle}
  bays: {kind: lamp_group, area: garage, device: gw, group: 3, name: Bays}
store: {path: STORE}
"""


class Agent:
    """Overrides change the levels of groups that hear; `deaf` ones stay as they are."""

    def __init__(self, clock):
        self.levels = {"gw.level_1": 10.0, "gw.level_2": 100.0, "gw.level_3": 86.0}
        self.deaf, self.held, self.made, self.ended, self.clock = set(), [], [], [], clock

    def ask(self, _socket, method, path, body=None, **_):
        point = path.split("/")[3] if path.startswith("/api/points/") else ""
        if method == "POST":
            self.made.append((point, body["value"], body["seconds"], body["reason"]))
            if point not in self.deaf:
                self.levels[point] = body["value"]
            return {"id": f"id-{point}"}
        if method == "DELETE":
            self.ended.append(path.rpartition("/")[2])
            return None
        if path == "/api/overrides":
            return [{"command": {"point": one}} for one in self.held]
        return {"value": self.levels[point], "quality": "good"}


@pytest.fixture
def agent(monkeypatch):
    clock = SimpleNamespace(now=0.0)
    clock.monotonic = lambda: clock.now
    clock.sleep = lambda length: setattr(clock, "now", clock.now + length)
    monkeypatch.setattr(group_test, "time", clock)
    scripted = Agent(clock)
    monkeypatch.setattr(group_test, "ask", scripted.ask)
    return scripted


@pytest.fixture
def run(tmp_path):
    (tmp_path / "site.yaml").write_text(SITE.replace("STORE", str(tmp_path / "p.db")), encoding="utf-8")

    def call(*more):
        words = ["group-test", "-c", str(tmp_path / "site.yaml"), *more]
        return CliRunner().invoke(root(), words)

    call.store = str(tmp_path / "p.db")
    return call


def test_every_group_is_moved_seen_and_let_go(agent, run):
    result = run("--watching", "Li", "--json")
    assert result.exit_code == 0, result.stderr
    assert [(point, value) for point, value, _, _ in agent.made] == [
        ("gw.level_1", 100.0), ("gw.level_2", 80.0), ("gw.level_3", 80.0),
    ]  # fmt: skip
    assert all(seconds <= 60.0 and "Li watches" in reason for _, _, seconds, reason in agent.made)
    assert agent.ended == [f"id-gw.level_{n}" for n in (1, 2, 3)]
    assert json.loads(result.stdout)["passed"] is True
    (words,) = group_test.kept_tests(run.store)
    assert "group test passed (3 of 3), watched by Li" in words


def test_a_group_that_does_not_hear_is_found_and_all_hands_are_taken_off(agent, run):
    agent.deaf = {"gw.level_2"}
    result = run("--watching", "Li")
    assert result.exit_code == 1
    assert "NO" in result.stdout
    assert len(agent.ended) == 3
    assert agent.clock.now >= 15.0, "it was waited for"
    assert "NOT passed (2 of 3)" in group_test.kept_tests(run.store)[0]


def test_what_somebody_holds_by_hand_is_left_alone(agent, run):
    agent.held = ["gw.level_3"]
    result = run("ramp", "bays", "--watching", "Li")
    assert result.exit_code == 1
    assert [one[0] for one in agent.made] == ["gw.level_1"]
    assert "somebody holds it by hand" in result.stdout


@pytest.mark.parametrize(
    ("words", "says"), [((), "name who watches"), (("rmap", "-w", "Li"), "no lamp group 'rmap'")]
)
def test_wrong_words_touch_nothing(agent, run, words, says):
    result = run(*words)
    assert result.exit_code == 2
    assert says in result.stderr
    assert agent.made == []
