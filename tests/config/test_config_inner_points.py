"""agent.config.inner_points: what one policy says to another needs no line in the site file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from agent.config.load import load_site
from agent.core.parameter import parameter
from agent.core.point import ReleaseKind, ValueKind
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.site import Catalogue, Site

LINE = "policies:\n  opt: {kind: plant.wishing, area: plant}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishing:
    kind: ClassVar[str] = "plant.wishing"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple[RoleNeed, ...]] = ()
    claims: ClassVar[tuple[RoleClaim, ...]] = (
        RoleClaim("wanted_machines", "loop", 14),
        RoleClaim("enable", "loop", 14),
    )
    name: str = parameter("", help="name")

    def initial_state(self) -> None:
        return None

    def decide(self, snapshot: Any, state: None) -> tuple[tuple[()], None]:
        return (), None


@pytest.fixture
def load(
    site_text: str, write_site: Callable[[str], Path], catalogue: Catalogue
) -> Callable[[Callable[[str], str]], Site]:
    known = replace(catalogue, policies={**catalogue.policies, Wishing.kind: Wishing})
    return lambda change: load_site(write_site(change(site_text)), known)


def test_the_point_is_there_because_a_policy_writes_it(load: Callable[..., Site]) -> None:
    site = load(lambda text: text.replace("policies:\n", LINE))
    assert site.equipment["loop"].roles["wanted_machines"] == "virtual.loop_wanted_machines"
    point = site.areas["plant"].points["virtual.loop_wanted_machines"]
    assert point.kind is ValueKind.TEXT
    assert point.commandable
    assert point.release.kind is ReleaseKind.NONE
    assert site.areas["plant"].equipment["loop"].roles["wanted_machines"] == point.id


def test_only_inner_roles_are_made_up(load: Callable[..., Site]) -> None:
    site = load(lambda text: text.replace("policies:\n", LINE))
    assert "enable" not in site.equipment["loop"].roles
    assert "wanted_machines" not in site.equipment["chiller_1"].roles


def test_without_such_a_policy_there_is_none(load: Callable[..., Site]) -> None:
    site = load(lambda text: text)
    assert "wanted_machines" not in site.equipment["loop"].roles
    assert "virtual.loop_wanted_machines" not in site.points


def test_a_point_of_the_site_file_is_kept(load: Callable[..., Site]) -> None:
    def change(text: str) -> str:
        text = text.replace("policies:\n", LINE)
        text = text.replace("virtual:\n", "virtual:\n  best: {role: wanted_machines}\n")
        return text.replace(
            "device: io, design_flow", "device: io, wanted_machines: virtual.best, design_flow"
        )

    site = load(change)
    assert site.equipment["loop"].roles["wanted_machines"] == "virtual.best"
    assert "virtual.loop_wanted_machines" not in site.points


def test_a_point_of_one_areas_equipment_is_no_other_areas_to_decide(load: Callable[..., Site]) -> None:
    """Else the area beside it would say at each of its ticks that nobody provides it."""
    site = load(lambda text: text.replace("policies:\n", LINE))
    holders = [id_ for id_, one in site.areas.items() if "virtual.loop_wanted_machines" in one.points]
    assert len(site.areas) > 1
    assert holders == ["plant"]
