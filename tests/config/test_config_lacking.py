"""agent.config.lacking: an installer is told what policies do without."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from agent.config.check import check_site
from agent.core.parameter import parameter
from agent.core.policy import RoleClaim, RoleNeed
from agent.core.site import Catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    kind: ClassVar[str] = "plant.looking"
    version: ClassVar[int] = 1
    state_version: ClassVar[int] = 1
    reads: ClassVar[tuple[RoleNeed, ...]] = (
        RoleNeed("power", "chiller", required=False, without="no efficiency"),
        RoleNeed("status", "chiller", without="never said: it must be there"),
        RoleNeed("condenser_flow", "chiller", required=False, without="pumps at balanced speed"),
        RoleNeed("outdoor_dry_bulb", "weather", required=False, without="no lockout"),
        RoleNeed("valve", "coil", required=False, without="no requests"),
    )
    claims: ClassVar[tuple[RoleClaim, ...]] = (RoleClaim("enable", "chiller", 14),)
    name: str = parameter("", help="name")

    def initial_state(self) -> None:
        return None

    def decide(self, snapshot: Any, state: None) -> tuple[tuple[()], None]:
        return (), None


@pytest.fixture
def told(site_text: str, write_site: Callable[[str], Path], catalogue: Catalogue) -> tuple[str, ...]:
    known = replace(catalogue, policies={**catalogue.policies, Looking.kind: Looking})
    text = site_text.replace("policies:\n", "policies:\n  look: {kind: plant.looking, area: plant}\n")
    report = check_site(write_site(text), known)
    assert not report.problems
    return report.lacking


def test_what_is_missing_is_told_with_what_happens_without(told: tuple[str, ...]) -> None:
    assert told == (
        "look: chiller_2 has no power: no efficiency",
        "look: no chiller has condenser_flow: pumps at balanced speed",
        "look: no coil with valve: no requests",
    )


def test_a_file_with_errors_is_mended_first(
    site_text: str, write_site: Callable[[str], Path], catalogue: Catalogue
) -> None:
    report = check_site(
        write_site(site_text.replace("kind: chiller_plant.shedding", "kind: gone")), catalogue
    )
    assert report.problems
    assert report.lacking == ()
