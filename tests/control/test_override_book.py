"""Overrides on the disk and in the daily list: one row each, none lost, none back that has ended, none forgotten."""

import asyncio
import json
from types import SimpleNamespace

import pytest

from agent.app.calendar import tell_overrides
from agent.app.exports import exported_points
from agent.control.override_book import OverrideBook
from agent.control.override_digest import POINT, sentence, standing
from agent.core.point import Access, Point
from agent.core.serial import to_plain
from agent.core.site import StoreSettings
from agent.safety.moment import Moment
from agent.safety.overrides import Overrides, Wanted
from agent.telemetry.store import Store
from agent.telemetry.uplinks.message import Encoder
from hil.virtual_time import run_virtual
from tests.control.fake_store import DiskRefusesError, FakeStore
from tests.control.small_plant import ENABLE, SPEED, SmallPlant

NOW = Moment(1000.0, 1_800_000_000.0, True)


def wanted(value=70.0, **more):
    return Wanted(value=value, owner="anna", reason="test", **{"seconds": 600.0} | more)


def points(book):
    return {one.command.point: one.command.value for one in book.standing.standing}


async def test_each_has_its_row_and_all_are_back_in_their_order():
    store = FakeStore()
    book = OverrideBook(store, NOW)
    first = await book.add(SPEED, wanted(), NOW)
    await book.add(ENABLE, wanted(True), NOW)
    third = await book.add(SPEED, wanted(80.0), NOW)
    assert set(store.documents("overrides")) == {"override-2", third.id, "made"}
    again = OverrideBook(store, NOW)
    assert points(again) == points(book) == {"io.speed": 80.0, "io.enable": True}
    assert again.standing.made == 3
    await again.cancel(third.id)
    again.expire(NOW.elapsed + 601.0)
    assert set(store.documents("overrides")) == {"made"}
    assert (await again.add(SPEED, wanted(), NOW)).id == "override-4" != first.id


async def test_what_ran_out_while_nobody_was_there_leaves_the_disk():
    store = FakeStore()
    await OverrideBook(store, NOW).add(SPEED, wanted(), NOW)
    book = OverrideBook(store, Moment(NOW.elapsed + 700.0, NOW.utc + 700.0, True))
    assert points(book) == {}
    assert set(store.documents("overrides")) == {"made"}


async def test_a_disk_that_refuses_leaves_the_one_before_in_force():
    store = FakeStore()
    book = OverrideBook(store, NOW)
    await book.add(SPEED, wanted(), NOW)
    store.refuses = True
    with pytest.raises(DiskRefusesError):
        await book.add(SPEED, wanted(80.0), NOW)
    assert points(book) == points(OverrideBook(store, NOW)) == {"io.speed": 70.0}
    with pytest.raises(DiskRefusesError):
        await book.cancel("override-1")
    assert points(book) == {"io.speed": 70.0}


async def test_of_two_on_one_point_the_later_word_holds_also_where_the_disk_mixes_them_up():
    store = FakeStore()
    book, put = OverrideBook(store, NOW), store.put
    slow = asyncio.Event()

    async def mixed(kind, key, value):
        if key == "override-1":
            await slow.wait()
        await put(kind, key, value)

    store.put = mixed
    first = asyncio.create_task(book.add(SPEED, wanted(), NOW))
    await asyncio.sleep(0)
    await book.add(SPEED, wanted(80.0), NOW)
    slow.set()
    with pytest.raises(ValueError, match="came meanwhile"):
        await first
    assert points(book) == points(OverrideBook(store, NOW)) == {"io.speed": 80.0}


def test_after_a_kill_between_two_rows_of_one_point_the_newer_holds():
    book, _ = Overrides().add(SPEED, wanted(), NOW)
    newer, two = book.add(SPEED, wanted(80.0), NOW)
    store = FakeStore()
    for one in (two, book.standing[0]):
        store.put_soon("overrides", one.id, to_plain(one))
    back = OverrideBook(store, NOW)
    assert points(back) == {"io.speed": 80.0}
    assert back.standing.made == newer.made


def test_those_kept_as_one_document_get_their_rows_and_a_damaged_row_ends_alone():
    book, _ = Overrides().add(SPEED, wanted(), NOW)
    store = FakeStore()
    store.put_soon("overrides", "all", to_plain(book))
    store.put_soon("overrides", "override-9", {"owner": 3})
    back = OverrideBook(store, NOW)
    assert points(back) == {"io.speed": 70.0}
    assert set(store.documents("overrides")) == {"override-1"}


async def test_hundreds_at_once_share_their_commits(tmp_path):
    settings = StoreSettings(path=str(tmp_path / "p.db"))
    store = await Store.open(settings, site="test", now=lambda: NOW.utc)
    try:
        commits, settled = 0, store.keeper.settled

        def count(batch, report):
            nonlocal commits
            commits += 1
            settled(batch, report)

        store.keeper.settled = count
        book = OverrideBook(store, NOW)
        many = [Point(id=f"lamp.level_{n}", access=Access.READ_WRITE) for n in range(550)]
        await asyncio.gather(*(book.add(one, wanted(), NOW) for one in many))
        assert len(book.standing.standing) == 550
        assert commits <= 3
    finally:
        await store.close()
    store = await Store.open(settings, site="test", now=lambda: NOW.utc)
    try:
        assert len(OverrideBook(store, NOW).standing.standing) == 550
    finally:
        await store.close()


def test_the_daily_list_names_who_holds_what_since_when_and_until_when_and_is_told_once():
    async def main():
        async with SmallPlant() as plant:
            parts = plant.parts
            tell_overrides(parts)
            assert [one for one in parts.alarms.all() if one.id == "overrides"] == []
            charge = parts.charge
            await charge.add_override(SPEED, wanted(seconds=7200.0))
            await asyncio.sleep(3600.0)
            await charge.add_override(ENABLE, wanted(True, seconds=1800.0))
            tell_overrides(parts)
            [alarm] = [one for one in parts.alarms.all() if one.id == "overrides"]
            assert not alarm.standing  # it waits to be seen, and lasts no longer
            assert alarm.text == (
                "2 overrides stand: io.speed = 70.0 by anna for 1 h, 1 h left (test); "
                "io.enable = True by anna for 0 s, 30 min left (test)"
            )
            [record] = [one for one in plant.store.records if "standing" in one]
            assert [one["owner"] for one in record["standing"]] == ["anna", "anna"]
            told = Encoder("site", exported_points(parts.site)).block(plant.store.blocks[-1], 1)
            sent = json.loads(json.loads(told)["values"]["standing"])
            assert [(one["point"], one["age"], one["left"]) for one in sent] == [
                ("io.speed", 3600, 3600),
                ("io.enable", 0, 1800),
            ]
            assert b"anna" not in told  # who it was stays here

    run_virtual(main())


def test_a_long_list_is_cut_in_the_sentence_only():
    clock = SimpleNamespace(utc=lambda: NOW.utc, elapsed=lambda: NOW.elapsed)
    book = Overrides()
    for number in range(9):
        book, _ = book.add(Point(id=f"p.{number}", access=Access.READ_WRITE), wanted(), NOW)
    rows = standing(book.standing, clock)
    assert len(rows) == 9
    assert sentence(rows).startswith("9 overrides stand: p.0")
    assert sentence(rows).endswith("; and 4 more")
    assert POINT == "overrides.standing"
