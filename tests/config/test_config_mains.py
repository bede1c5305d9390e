"""Areas that name the same mains are given their turns; one alone is told, a wrong spacing refused."""

import pytest

from agent.config.check import check_site
from agent.config.load import load_site
from agent.core.equipment import StartTurn
from agent.plugins import find_catalogue

SITE = """version: 1
site: {name: T, latitude: 0, longitude: 0, timezone: UTC}
areas:
  north: {tick: 10 s, mains: {name: t1, spacing: 30 s}}
  south: {tick: 20 s, mains: {name: t1}}
  lamps: {tick: 1 s}
"""


@pytest.fixture(scope="module")
def installed():
    return find_catalogue()


def written(tmp_path, text):
    path = tmp_path / "site.yaml"
    path.write_text(text)
    return path


def test_turns_follow_from_the_longest_spacing_and_the_slowest_tick(tmp_path, installed):
    areas = load_site(written(tmp_path, SITE), installed).areas
    assert areas["north"].area.start_turn == StartTurn(place=0, areas=2, length=90.0, window=30.0)
    assert areas["south"].area.start_turn == StartTurn(place=1, areas=2, length=90.0, window=30.0)
    assert areas["lamps"].area.start_turn is None


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("{name: t1}", "{name: t2}", "no other area names the mains 't1'"),
        ("spacing: 30 s", "spacing: 0 s", "out of bounds"),
        ("{name: t1}", "{spacing: 30 s}", "'name' is missing"),
        ("{name: t1}", "{name: t1, limit: 3}", "'limit' is not a key known here"),
    ],
)
def test_what_is_wrong_with_it_is_said(tmp_path, installed, old, new, says):
    found = check_site(written(tmp_path, SITE.replace(old, new)), installed)
    told = [one.message for one in (*found.problems, *found.warnings)]
    assert any(says in one for one in told), told
