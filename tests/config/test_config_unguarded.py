"""What would be left without anybody if the box died."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.config.check import CheckReport, check_site
from agent.core.site import Catalogue


@pytest.fixture
def check(
    site_text: str, write_site: Callable[[str], Path], catalogue: Catalogue
) -> Callable[[str, str], CheckReport]:
    def run(old: str = "", new: str = "") -> CheckReport:
        report = check_site(write_site(site_text.replace(old, new, 1)), catalogue)
        assert report.good, report.problems
        return report

    return run


def _points(report: CheckReport) -> list[str]:
    return [one.point for one in report.unguarded]


def test_points_without_time_out_are_listed_with_who_commands_them(check: Callable[..., CheckReport]) -> None:
    report = check()
    assert _points(report) == ["ch1.enable", "ch1.chilled_water_setpoint", "ch1.current_limit"]
    enable, setpoint, _ = report.unguarded
    assert enable.policies == ("shed", "freeze")
    assert setpoint.policies == ()
    assert enable.problem.line == 18
    assert "change_over: true" in enable.problem.mend
    assert "shed" in str(enable)


def test_a_device_with_its_own_watchdog_is_not_listed(check: Callable[..., CheckReport]) -> None:
    assert not [point for point in _points(check()) if point.startswith("lamps.")]
    bare = "lamps: {profile: plantroom_lamp_gateway, bus: line, unit: 20, points: {level_2: {device_timeout: false}}}"
    report = check("lamps: {profile: plantroom_lamp_gateway, bus: line, unit: 20}", bare)
    assert "lamps.level_2" in _points(report)


def test_a_change_over_clears_the_machine(check: Callable[..., CheckReport]) -> None:
    assert _points(check("    device: ch1\n", "    device: ch1\n    change_over: true\n")) == []


def test_a_change_over_clears_one_point(check: Callable[..., CheckReport]) -> None:
    report = check("unit: 1, name: Chiller 1", "unit: 1, points: {enable: {change_over: true}}")
    assert "ch1.enable" not in _points(report)
    assert "ch1.current_limit" in _points(report)
