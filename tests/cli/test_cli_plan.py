"""`plantroom plan` as people read it."""

import json

import pytest
from typer.testing import CliRunner

from agent.cli import plan as command
from agent.cli.__main__ import root

ONE = {
    "policy": "shed",
    "area": "plant",
    "kind": "load_profile",
    "version": 1,
    "state": "failing",
    "digest": "5f3a" * 16,
    "made": 1_784_656_800.0,
    "age": 10_800.0,
    "next_in": 300.0,
    "failures": 3,
    "error": "no result within 120 s",
    "note": "",
    "content": {"days": {"workday": 20}},
}


@pytest.fixture
def asked(monkeypatch):
    questions = []
    answers = {"/api/learned": [ONE], "/api/learned/shed": ONE, "/api/policies/shed/learn": ONE}

    def ask(_socket, method, path, body=None):
        questions.append((method, path, body))
        return answers[path]

    monkeypatch.setattr(command, "ask", ask)
    return questions


def run(*arguments):
    result = CliRunner().invoke(root(), ["plan", *arguments])
    return result.exit_code, result.output


def test_all_in_one_table(asked, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    code, text = run()
    assert code == 0
    row = text.splitlines()[1]
    for part in ("shed", "load_profile v1", "failing", "3 h 0 min", "5f3a5f3a5f3a", "5 min"):
        assert part in row
    assert row.endswith("failed 3 times: no result within 120 s")
    assert "workday" not in text


def test_one_with_what_it_has_learned(asked):
    _, text = run("shed")
    assert json.loads(text.splitlines()[-1]) == {"days": {"workday": 20}}
    _, text = run("shed", "--json")
    assert json.loads(text) == [ONE]


def test_learning_is_asked_for_by_name(asked):
    assert run("--now")[0] == 2
    assert run("shed", "--now", "--reason", "new meter")[0] == 0
    assert asked == [("POST", "/api/policies/shed/learn", {"reason": "new meter"})]


def test_a_site_where_nothing_learns(monkeypatch):
    monkeypatch.setattr(command, "ask", lambda *_: [])
    assert run() == (0, "no policy of this site learns\n")
