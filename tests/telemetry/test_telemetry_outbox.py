from __future__ import annotations

import json
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from agent.core.reading import ReadingBlock
from agent.telemetry.outbox import Outbox, restore_pending
from agent.telemetry.ranges import Ranges

BLOCK = ReadingBlock("d", ("d.x",), (1.0,), 0.0, 0.0)


def test_live_lane_hands_on_and_backfill_does_not_take_the_same() -> None:
    outbox = Outbox("cloud", Ranges([(1, 5)]))
    outbox.open_live()
    outbox.offer(6, BLOCK)
    assert outbox.claim(100, through=6) == (1, 5)
    assert outbox.claim(100, through=6) is None
    assert outbox.live.popleft() == (6, BLOCK)
    outbox.delivered(6, 6)
    outbox.delivered(1, 5)
    assert outbox.backlog == 0


def test_backfill_takes_only_what_is_durable_oldest_first_and_in_pieces() -> None:
    outbox = Outbox("cloud", Ranges([(1, 5), (10, 20)]))
    assert outbox.claim(3, through=12) == (1, 3)
    assert outbox.claim(3, through=12) == (4, 5)
    assert outbox.claim(30, through=12) == (10, 12)
    assert outbox.claim(3, through=12) is None


def test_a_lost_connection_gives_everything_back() -> None:
    outbox = Outbox("cloud", Ranges())
    outbox.open_live()
    outbox.offer(1, BLOCK)
    outbox.offer(2, BLOCK)
    outbox.live.popleft()
    outbox.close_live()
    assert not outbox.live
    assert outbox.claim(10, through=2) == (1, 2)


def test_a_live_queue_that_overflows_falls_back_to_the_store() -> None:
    outbox = Outbox("cloud", Ranges(), live_blocks=3)
    outbox.open_live()
    for key in range(1, 11):
        outbox.offer(key, BLOCK)
    assert [key for key, _ in outbox.live] == [8, 9, 10]
    assert outbox.overflows == 7
    assert outbox.claim(100, through=10) == (1, 7)


def test_losing_spares_what_a_lane_has_in_hand() -> None:
    outbox = Outbox("cloud", Ranges([(1, 10)]))
    assert outbox.claim(3, through=10) == (1, 3)
    assert outbox.lost(1, 6) == [(4, 6)]
    assert list(outbox.pending) == [(1, 3), (7, 10)]


def test_position_is_saved_no_further_than_the_commit_reaches() -> None:
    outbox = Outbox("cloud", Ranges([(1, 4), (8, 9)]))
    saved = outbox.cursor(through=8)
    assert json.loads(saved) == {"through": 8, "pending": [[1, 4], [8, 8]]}


def test_an_uplink_never_seen_has_everything_to_deliver() -> None:
    assert list(restore_pending(None, [(5, 9), (100, 120)])) == [(5, 9), (100, 120)]


def test_delivered_says_that_the_position_changed_only_when_it_did() -> None:
    calls: list[int] = []
    changed: Callable[[], None] = lambda: calls.append(1)
    outbox = Outbox("cloud", Ranges([(1, 2)]), changed=changed)
    outbox.delivered(1, 1)
    outbox.delivered(1, 1)
    assert len(calls) == 1


@given(
    st.lists(st.sampled_from(["offer", "send", "ack", "break", "backfill", "commit"]), max_size=80),
    st.integers(1, 5),
)
def test_after_any_crash_everything_durable_is_delivered_or_still_pending(
    steps: list[str], width: int
) -> None:
    """Model: receiver set, durable prefix, saved cursor; a crash may come after any step."""
    outbox = Outbox("cloud", Ranges(), live_blocks=width)
    outbox.open_live()
    newest = durable = 0
    saved: str | None = None
    flying: list[int] = []
    received: set[int] = set()
    for step in steps:
        if step == "offer":
            newest += 1
            outbox.offer(newest, BLOCK)
        elif step == "send" and outbox.live:
            flying.append(outbox.live.popleft()[0])
        elif step == "backfill":
            claimed = outbox.claim(width, durable)
            if claimed:
                flying.extend(range(claimed[0], claimed[1] + 1))
        elif step == "ack" and flying:
            key = flying.pop(0)
            received.add(key)
            outbox.delivered(key, key)
        elif step == "break":
            flying.clear()
            outbox.close_live()
            outbox.open_live()
        elif step == "commit":
            saved, durable = outbox.cursor(newest), newest
        assert len(flying) == len(set(flying))
        pending = restore_pending(saved, [(1, durable)] if durable else [])
        held = {number for first, last in pending for number in range(first, last + 1)}
        assert set(range(1, durable + 1)) <= held | received
        assert held <= set(range(1, durable + 1))
