"""`plantroom apply` and `plantroom well` before an agent that a test plays."""

import json

import pytest
from typer.testing import CliRunner

from agent.cli import apply as apply_module
from agent.cli import well as well_module
from agent.cli.__main__ import root

TEXT = """version: 1
site: {name: Small, latitude: 22.55, longitude: 114.06, timezone: Asia/Shanghai}
areas: {plant: {tick: 10 s, authority: shadow}}
"""


class Agent:
    def __init__(self, folder):
        self.file, self.data = folder / "site.yaml", folder / "data"
        self.file.write_text(TEXT)
        self.data.mkdir()
        self.asked = []

    def ask(self, _socket, method, path, body=None):
        self.asked.append((method, path, body))
        on = path.endswith("/try")
        return {
            "file": str(self.file),
            "data": str(self.data),
            "on_probation": on,
            "owner": "local:anna",
            "reason": "try",
            "seconds_left": 900.0 if on else None,
            "crashes": 0,
        }


@pytest.fixture
def agent(tmp_path, monkeypatch):
    made = Agent(tmp_path)
    monkeypatch.setattr(apply_module, "ask", made.ask)
    return made


def plantroom(*arguments):
    return CliRunner().invoke(root(), list(map(str, arguments)))


def new(agent, text):
    file = agent.file.with_name("new.yaml")
    file.write_text(text)
    return file


def test_it_is_checked_compared_offered_and_put_on_probation(agent):
    file = new(agent, TEXT.replace("10 s", "20 s"))
    ended = plantroom("apply", file, "--probation", "30 min", "--reason", "slower")
    assert ended.exit_code == 0
    assert "areas.plant changed" in ended.stdout
    assert "goes back by itself in 15 min" in ended.stdout
    assert (agent.data / "site-offered.yaml").read_text() == file.read_text()
    assert agent.asked[-1] == ("POST", "/api/site-file/try", {"seconds": 1800.0, "reason": "slower"})


def test_a_dry_run_says_what_differs_and_offers_nothing(agent):
    ended = plantroom("apply", new(agent, TEXT.replace("10 s", "20 s")), "--dry-run")
    assert (ended.exit_code, ended.stdout.strip()) == (0, "areas.plant changed")
    assert [one[0] for one in agent.asked] == ["GET"]
    assert list(agent.data.iterdir()) == []


def test_a_wrong_file_is_refused_with_every_place_before_the_agent_hears_of_it(agent):
    ended = plantroom("apply", new(agent, TEXT.replace("areas", "aeras").replace("22.55", "222")))
    assert ended.exit_code == 2
    assert "new.yaml:2:" in ended.stderr
    assert "new.yaml:3:" in ended.stderr
    assert [one[0] for one in agent.asked] == ["GET"]


@pytest.mark.parametrize(("option", "path"), [("--keep", "keep"), ("--back", "back")])
def test_one_word_keeps_it_or_takes_it_back(agent, option, path):
    assert plantroom("apply", option).exit_code == 0
    assert agent.asked == [("POST", f"/api/site-file/{path}", {"reason": "by command line"})]


HEALTH = {
    "site": "Small",
    "version": "1",
    "buses": [{"id": "plant", "state": "up"}, {"id": "bms", "state": "down"}],
    "store": {"state": "ok"},
}
AREA = {"id": "plant", "tick": 10.0, "last_tick_age": 4.0, "faults": []}


@pytest.mark.parametrize(
    ("health", "area", "before", "code", "words"),
    [
        ({}, {}, None, 1, "bus bms is down"),
        ({}, {}, {"buses": {"bms": False}}, 0, "all is well"),
        ({}, {}, {"buses": {"bms": True}}, 1, "bus bms is down"),
        ({}, {"last_tick_age": None}, {}, 1, "area plant does not decide"),
        ({}, {"last_tick_age": 31.5}, {}, 1, "area plant does not decide"),
        ({}, {"faults": ["shed: ZeroDivisionError"]}, {}, 1, "area plant does not decide"),
        ({"store": {"state": "degraded"}}, {}, {}, 1, "samples cannot be stored"),
    ],
)
def test_what_is_well(tmp_path, monkeypatch, health, area, before, code, words):
    answers = {"/api/health": {**HEALTH, **health}, "/api/areas": [{**AREA, **area}]}
    monkeypatch.setattr(well_module, "quiet_ask", lambda _place, path: answers[path])
    options = []
    if before is not None:
        (tmp_path / "before.json").write_text(json.dumps({"answers": True, **before}))
        options = ["--like", tmp_path / "before.json"]
    ended = plantroom("well", *options)
    assert ended.exit_code == code
    assert words in ended.output


def test_no_agent_is_its_own_exit_code_and_the_answer_says_so(monkeypatch):
    def nobody(*_):
        raise FileNotFoundError

    monkeypatch.setattr(well_module, "quiet_ask", nobody)
    ended = plantroom("well", "--json", "--socket", "none.sock")
    assert ended.exit_code == 3
    assert json.loads(ended.stdout)["answers"] is False
