from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from agent.core.errors import StoreError
from agent.telemetry.audit import canonical, link
from agent.telemetry.store import Store, verify_audit

OpenStore = Callable[..., Awaitable[Store]]


@pytest.fixture
async def chain(open_store: OpenStore, tmp_path: Path) -> Path:
    store = await open_store()
    for number in range(10):
        store.audit({"actor": "ann", "old": number, "new": number + 1})
        if number % 3 == 0:
            await store.flush()
    await store.close()
    return tmp_path / "p.db"


def tamper(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(statement)
    connection.close()


async def test_newest_first_with_time_and_hash(chain: Path, open_store: OpenStore) -> None:
    assert verify_audit(str(chain)) is None
    newest, before = await (await open_store()).audit_tail(2)
    assert (newest["id"], newest["new"], newest["time"]) == (10, 10, 1_700_000_500.0)
    assert (before["id"], len(before["hash"])) == (9, 64)


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE audit SET record = replace(record, 'ann', 'bob') WHERE id = 4", 4),
        ("UPDATE audit SET hash = x'00' WHERE id = 4", 4),
        ("UPDATE audit SET previous = x'00' WHERE id = 4", 4),
        ("DELETE FROM audit WHERE id = 5", 5),
        ("DELETE FROM audit WHERE id = 1", 1),
        ("DELETE FROM audit WHERE id = 10", 10),
        ("DELETE FROM audit", 1),
    ],
)
def test_any_change_of_the_past_shows(chain: Path, statement: str, broken: int) -> None:
    tamper(chain, statement)
    assert verify_audit(str(chain)) == broken


async def test_the_chain_goes_on_after_a_restart(chain: Path, open_store: OpenStore) -> None:
    store = await open_store()
    store.audit({"actor": "bob"})
    await store.flush()
    assert verify_audit(str(chain)) is None
    assert (await store.audit_tail(1))[0]["id"] == 11


async def test_a_refused_commit_leaves_no_hole(
    chain: Path, open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await open_store()
    store.audit({"actor": "bob"})
    with monkeypatch.context() as patch:

        def half(connection: sqlite3.Connection, *_: object) -> bytes:
            connection.execute("INSERT INTO audit (record, previous, hash) VALUES ('', '', '')")
            raise sqlite3.OperationalError("disk I/O error")

        patch.setattr("agent.telemetry.audit.append", half)
        with pytest.raises(StoreError):
            await store.flush()
    await store.flush()
    assert verify_audit(str(chain)) is None
    assert (await store.audit_tail(1))[0]["actor"] == "bob"


async def test_the_quota_lets_the_oldest_go_and_the_chain_still_holds(
    open_store: OpenStore, tmp_path: Path
) -> None:
    store = await open_store(audit_max_bytes=2000)
    for number in range(100):
        store.audit({"number": number})
    await store.flush()
    await store.housekeeping()
    store.audit({"number": 100})
    await store.flush()
    records = await store.audit_tail(200)
    assert 5 < len(records) < 30
    assert records[0]["number"] == 100
    path = tmp_path / "p.db"
    assert verify_audit(str(path)) is None
    tamper(path, f"DELETE FROM audit WHERE id = {records[-1]['id']}")
    assert verify_audit(str(path)) == records[-1]["id"]


def test_a_hash_covers_the_record_and_the_hash_before() -> None:
    record = canonical({"b": 1, "a": "ä"})
    assert record == '{"a":"\\u00e4","b":1}'
    assert link(b"before", record) == hashlib.sha256(b"before" + record.encode()).digest()


def test_a_record_forged_with_its_own_hash_shows_in_the_next(chain: Path) -> None:
    connection = sqlite3.connect(chain, isolation_level=None)
    (previous,) = connection.execute("SELECT previous FROM audit WHERE id = 4").fetchone()
    forged = canonical({"actor": "nobody"})
    connection.execute("UPDATE audit SET record = ?, hash = ? WHERE id = 4", (forged, link(previous, forged)))
    connection.close()
    assert verify_audit(str(chain)) == 5
