"""The device library: every file is found by itself and must hold what its README promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.config.points import may_write
from agent.config.profile_schema import profile_schema
from agent.config.profiles import find_profiles, load_profile
from agent.core.point import OnLoss, ReleaseKind, SafeEnd, ValueKind
from agent.core.register import RawType, Register, Table
from agent.core.role import ROLES

LIBRARY = Path(__file__).parents[2] / "drivers" / "profiles"
PROFILES = find_profiles([LIBRARY])


def test_the_library_is_there() -> None:
    assert len(PROFILES) >= 30
    assert {"trane_rthd_pic", "danfoss_fc51", "eastron_sdm630"} <= set(PROFILES)


@pytest.mark.parametrize("profile_id", PROFILES)
def test_profile(profile_id: str) -> None:
    profile = load_profile(PROFILES[profile_id])
    assert profile.id == profile_id
    assert list(profile.points) == list(profile.sources)
    assert profile.document
    for name, point in profile.points.items():
        assert point.id == name
        assert point.role is None or ROLES[point.role].unit == point.unit
        if point.commandable:
            assert may_write(profile.confidence)
            assert point.kind is not ValueKind.SWITCH or point.release.kind is not ReleaseKind.PRIOR
        if point.kind is ValueKind.NUMBER and point.commandable and point.role is not None:
            assert point.limits.low is not None, f"{name}: a commanded quantity needs its limits"
            assert point.limits.high is not None, f"{name}: a commanded quantity needs its limits"


@pytest.mark.parametrize("profile_id", PROFILES)
def test_lamps_are_lit_when_nobody_decides(profile_id: str) -> None:
    for name, point in load_profile(PROFILES[profile_id]).points.items():
        if not point.commandable or point.role not in ("lamp_level", "lamp_switch"):
            continue
        full = True if point.role == "lamp_switch" else 100.0
        assert point.on_loss is OnLoss.DEFAULT, name
        assert point.relinquish_default == full, name
        assert point.release.value == full, name
        assert point.safe_end is SafeEnd.HIGH, name


@pytest.mark.parametrize("profile_id", PROFILES)
def test_no_two_points_share_a_place(profile_id: str) -> None:
    taken: dict[tuple[Table, int, int], str] = {}
    for name, source in load_profile(PROFILES[profile_id]).sources.items():
        assert isinstance(source, Register)
        wide = {
            RawType.INT32: 2,
            RawType.UINT32: 2,
            RawType.FLOAT32: 2,
            RawType.INT64: 4,
            RawType.UINT64: 4,
            RawType.FLOAT64: 4,
        }.get(source.type, source.length)
        bits = range(source.bit, source.bit + source.bits) if source.bit is not None else range(16)
        for address in range(source.address, source.address + wide):
            for bit in bits:
                other = taken.setdefault((source.table, address, bit), name)
                assert other == name, f"{name} and {other} share {source.table} {address}"


def test_the_schema_is_current() -> None:
    stored = (LIBRARY / "schema.json").read_text(encoding="utf-8")
    assert stored == profile_schema(), (
        "run: python -m agent.config.profile_schema drivers/profiles/schema.json"
    )


def test_channels_belong_to_their_groups() -> None:
    lamps = load_profile(PROFILES["plantroom_lamp_gateway"])
    assert {group for name, group in lamps.groups.items() if name.startswith("level_")} == set("12345678")
    second = lamps.sources["level_2"]
    assert isinstance(second, Register)
    assert second.address == 1
    assert lamps.points["level_2"].label == "Group 2 level wanted"
    assert lamps.points["level_2"].has_device_timeout
    assert not lamps.points["presence_2"].has_device_timeout


def test_a_sentinel_of_64_bits_stays_exact() -> None:
    source = load_profile(PROFILES["abb_b23"]).sources["energy"]
    assert isinstance(source, Register)
    assert source.sentinels == (0xFFFF_FFFF_FFFF_FFFF,)
    assert isinstance(source.sentinels[0], int)
