from __future__ import annotations

import gzip
import json
import math
from collections.abc import Callable

import pytest

from agent.core.point import DataClass, Point
from agent.core.reading import Quality, ReadingBlock
from agent.telemetry.batch import Gap
from agent.telemetry.receiver import Receiver
from agent.telemetry.samples import make_key
from agent.telemetry.uplinks import KINDS
from agent.telemetry.uplinks.message import Encoder, topic_part

MakeBlock = Callable[..., ReadingBlock]
POINTS = {name: Point(id=name) for name in ("ch1.p0", "ch1.p1", "ch1.p2", "ch1.p3")}


def encode(block: ReadingBlock, points: dict[str, Point] | None = None) -> dict[str, object] | None:
    body = Encoder("x", POINTS if points is None else points).block(block, make_key(3, 9))
    return None if body is None else json.loads(body)


def test_a_block(make_block: MakeBlock) -> None:
    assert encode(make_block(2)) == {
        "seq": 9,
        "time": 1_700_000_002.0,
        "trusted": True,
        "device": "ch1",
        "values": {"p0": 2.1, "p1": 2, "p2": False, "p3": None},
    }


def test_only_poor_quality_is_said(make_block: MakeBlock) -> None:
    qualities = (Quality.GOOD, Quality.BAD, Quality.UNCERTAIN, Quality.GOOD)
    block = encode(make_block(qualities=qualities, reason="time-out", time_trusted=False))
    assert block is not None
    assert block["quality"] == {"p1": "bad", "p2": "uncertain"}
    assert (block["reason"], block["trusted"]) == ("time-out", False)


def test_personal_and_unknown_points_never_leave(make_block: MakeBlock) -> None:
    personal = Point(id="ch1.p1", data_class=DataClass.PERSONAL)
    qualities = (Quality.BAD, Quality.BAD, Quality.GOOD, Quality.GOOD)
    points = {"ch1.p0": POINTS["ch1.p0"], "ch1.p1": personal}
    block = encode(make_block(7, qualities=qualities), points)
    assert block is not None
    assert block["values"] == {"p0": 7.1}
    assert block["quality"] == {"p0": "bad"}
    assert encode(make_block(7), {"ch1.p1": personal}) is None
    listed = json.loads(Encoder("x", points).points().body)["points"]
    assert [point["id"] for point in listed] == ["ch1.p0"]


@pytest.mark.parametrize(
    ("value", "expected"), [(math.nan, None), (math.inf, None), (2**70, 2**70), ("\ud800", "\ud800")]
)
def test_odd_values_stay_valid_json(make_block: MakeBlock, value: object, expected: object) -> None:
    block = encode(make_block(values=(value, 2**70, math.nan, 1)))
    assert block is not None
    assert block["values"] == {"p0": expected, "p1": 2**70, "p2": None, "p3": 1}


def test_the_id_of_a_message_depends_on_its_content_alone(make_block: MakeBlock) -> None:
    encoder = Encoder("Cloud City", POINTS)
    item = (make_key(3, 9), encoder.block(make_block(), make_key(3, 9)) or b"")
    other = (make_key(3, 9), encoder.block(make_block(1), make_key(3, 9)) or b"")
    assert encoder.samples("live", [item]).id == encoder.twin().samples("live", [item]).id
    assert encoder.samples("live", [item]).id != encoder.samples("live", [other]).id


@pytest.mark.parametrize(
    ("site", "part"), [("Cloud City", "Cloud-City"), ("a/+#b", "a-b"), ("云城", "云城"), ("$", "site")]
)
def test_topic_part(site: str, part: str) -> None:
    assert topic_part(site) == part


def test_receiver_drops_duplicates_and_names_what_is_missing(make_block: MakeBlock) -> None:
    encoder, receiver = Encoder("x", POINTS), Receiver()

    def message(*sequences: int) -> bytes:
        items = [
            (make_key(3, number), encoder.block(make_block(), make_key(3, number)) or b"")
            for number in sequences
        ]
        return encoder.samples("live", items).body

    first = receiver.take(message(1, 2, 5))
    assert [(block["site"], block["epoch"], block["seq"]) for block in first] == [
        ("x", 3, n) for n in (1, 2, 5)
    ]
    assert [block["seq"] for block in receiver.take(gzip.compress(message(2, 9)))] == [9]
    assert (receiver.blocks, receiver.values, receiver.duplicates) == (4, 16, 1)
    assert receiver.missing() == {("x", 3): [(3, 4), (6, 8)]}
    gap = Gap(
        id=1, uplink="u", first=make_key(3, 6), last=make_key(3, 8), blocks=3, reason="store full", made=1.0
    )
    assert receiver.take(encoder.gap(gap).body) == []
    assert receiver.missing() == {("x", 3): [(3, 4)]}
    assert receiver.gaps[0]["reason"] == "store full"


@pytest.mark.parametrize("payload", [b"", b"[]", b"{}", b'{"version": 2}', b"\x1f\x8bxx", b"\xff"])
def test_receiver_refuses_what_is_no_message(payload: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Receiver().take(payload)


def test_kinds_name_their_settings() -> None:
    assert {name: kind.kind for name, kind in KINDS.items()} == {"mqtt": "mqtt", "https": "https"}
