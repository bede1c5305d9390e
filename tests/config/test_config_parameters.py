"""Settings declared once by a dataclass: every kind of field as an installer writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import pytest

from agent.config.document import parse_document
from agent.config.parameters import Settings
from agent.config.references import References
from agent.core.parameter import parameter


class Mode(StrEnum):
    FAST = "fast"
    SLOW = "slow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything:
    text: str = parameter("")
    flag: bool = parameter(False)
    count: int = parameter(1, low=0, high=10)
    share: float = parameter(50.0, unit="%", low=0, high=100)
    limit: float | None = parameter(None, unit="degC")
    mode: Mode = parameter(Mode.FAST)
    level: Literal["low", "high"] = parameter("low")
    names: tuple[str, ...] = parameter(())
    pair: tuple[float, float] = parameter((0.0, 1.0), unit="s")
    roles: frozenset[str] = parameter(frozenset())
    weights: Mapping[str, float] = parameter(None, unit="kW")
    rate: int = parameter(9600, unit="baud")

    def __post_init__(self) -> None:
        if self.text.startswith("no"):
            raise ValueError(f"text says {self.text}")


def _build(text: str, folder: Path) -> tuple[Any, list[str]]:
    document = parse_document(text.encode(), "f")
    settings = Settings(document, References(document, folder))
    built = settings.build(Everything, document.data, ())
    return built, [one.message for one in document.problems]


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("flag: true", "flag", True),
        ("count: 3", "count", 3),
        ("share: 60 %", "share", 60.0),
        ("limit: 50 degF", "limit", pytest.approx(10.0)),
        ("limit: ~", "limit", None),
        ("mode: slow", "mode", Mode.SLOW),
        ("mode: SLOW", "mode", Mode.SLOW),
        ("level: high", "level", "high"),
        ("names: [a, b]", "names", ("a", "b")),
        ("pair: [1 min, 2]", "pair", (60.0, 2.0)),
        ("roles: [a, a]", "roles", frozenset({"a"})),
        ("weights: {a: 1 MW}", "weights", {"a": 1000.0}),
        ("rate: 19200", "rate", 19200),
        ("rate: 19200 baud", "rate", 19200),
    ],
)
def test_written(text: str, field: str, value: object, tmp_path: Path) -> None:
    built, problems = _build(text, tmp_path)
    assert problems == []
    assert getattr(built, field) == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("text: 5", "text is wanted"),
        ("text: [a]", "text is wanted"),
        ("text: no", "text says no"),
        ("flag: on", "not a switch"),
        ("count: 2.5", "whole number"),
        ("count: 11", "above the most allowed 10"),
        ("share: -1", "below the least allowed 0 %"),
        ("limit: .nan", "finite"),
        ("mode: medium", "none of the choices"),
        ("level: middle", "none of the choices"),
        ("names: a", "a list is wanted"),
        ("names: [1]", "text is wanted"),
        ("pair: [1]", "2 values are wanted"),
        ("weights: 3", "a section is wanted"),
        ("count: ~", "nothing"),
        ("colour: red", "not a key known here"),
        ("text: {secret: 5}", "needs a name"),
        ("text: {secret: a, file: b}", "one key"),
        ("text: {file: ../../nothing}", "no file"),
    ],
)
def test_refused(text: str, words: str, tmp_path: Path) -> None:
    built, problems = _build(text, tmp_path)
    assert built is None
    assert len(problems) == 1
    assert words in problems[0]


def test_secrets_from_beside_the_file_and_from_systemd(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secrets").mkdir()
    secret = tmp_path / "secrets" / "key"
    secret.write_text("ours\n")
    secret.chmod(0o600)
    assert _build("text: {secret: key}", tmp_path)[0].text == "ours"
    given = tmp_path / "given"
    given.mkdir()
    (given / "key").write_text("theirs")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(given))
    assert _build("text: {secret: key}", tmp_path)[0].text == "theirs"


def test_a_folder_may_be_made_later(tmp_path: Path) -> None:
    assert _build("text: {folder: pki/own}", tmp_path)[0].text == str(tmp_path / "pki" / "own")


def test_a_secret_others_can_read_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    secret = tmp_path / "secrets" / "key"
    secret.write_text("x")
    secret.chmod(0o644)
    document = parse_document(b"text: {secret: key}", "f")
    built = Settings(document, References(document, tmp_path)).build(Everything, document.data, ())
    assert built.text == "x"
    assert [one.mend for one in document.warnings] == ["chmod 600 secrets/key"]


def test_a_secret_never_shows_in_a_problem(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "key").write_text("hunter2")
    _, problems = _build("share: {secret: key}\nlevel: {secret: key}\nrate: {secret: key}\n", tmp_path)
    assert len(problems) == 3
    assert "hunter2" not in "".join(problems)
    (tmp_path / "secrets" / "key").write_text("nobody knows")
    _, problems = _build("text: {secret: key}", tmp_path)
    assert problems == ["text says ***"]
