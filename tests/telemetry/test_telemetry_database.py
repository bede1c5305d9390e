from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from agent.core.errors import StoreError
from agent.core.reading import ReadingBlock
from agent.telemetry import database
from agent.telemetry.database import SCHEMA, connect, migrate, next_epoch
from agent.telemetry.store import Store, outbox_of, verify_audit

OpenStore = Callable[..., Awaitable[Store]]
MakeBlock = Callable[..., ReadingBlock]


def spoil(path: Path, *, first_page: bool = False) -> None:
    """Writes rubbish over the pages of the samples (or over the header)."""
    with path.open("r+b") as file:
        size = path.stat().st_size
        file.seek(0 if first_page else 4096)
        file.write(b"\xa5" * (4096 if first_page else size - 4096))


def set_aside(folder: Path) -> list[str]:
    return [str(path) for path in folder.glob("*damaged*")]


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """A schema folder of a program one version ahead."""
    folder = tmp_path / "schema"
    shutil.copytree(SCHEMA, folder)
    number = max(int(file.name[:3]) for file in folder.glob("*_up.sql")) + 1
    (folder / f"{number:03}_up.sql").write_text(
        "ALTER TABLE document ADD COLUMN author TEXT;\nCREATE TABLE note (text TEXT);\n"
    )
    (folder / f"{number:03}_down.sql").write_text(
        "DROP TABLE note;\nALTER TABLE document DROP COLUMN author;\n"
    )
    return folder


async def test_down_by_one_version_and_up_again_keeps_the_data(
    open_store: OpenStore, make_block: MakeBlock, newer: Path, tmp_path: Path
) -> None:
    store = await open_store()
    await store.put("prior", "a", 1)
    store.append(make_block(1))
    await store.close()
    connection = connect(str(tmp_path / "p.db"))
    migrate(connection, newer)
    assert connection.execute("SELECT author FROM document").fetchall() == [(None,)]
    connection.close()
    store = await open_store()
    assert store.documents("prior") == {"a": 1}
    assert len(await store.history("ch1.p1", 0, 2e9, 9)) == 1
    await store.close()
    connection = connect(str(tmp_path / "p.db"))
    with pytest.raises(sqlite3.OperationalError):
        connection.execute("SELECT * FROM note")
    connection.close()


async def test_a_file_two_versions_ahead_is_refused_and_left_alone(
    open_store: OpenStore, tmp_path: Path
) -> None:
    await (await open_store()).close()
    connection = connect(str(tmp_path / "p.db"))
    connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(StoreError, match="newer program"):
        await open_store()
    assert set_aside(tmp_path) == []


def test_a_migration_that_fails_leaves_the_version_before(newer: Path, tmp_path: Path) -> None:
    connection = connect(str(tmp_path / "p.db"))
    migrate(connection)
    up = max(newer.glob("*_up.sql"))
    up.write_text(up.read_text() + "CREATE TABLE note (again TEXT);\n")
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, newer)
    assert connection.execute("PRAGMA user_version").fetchone() == (int(up.name[:3]) - 1,)
    assert not connection.execute("SELECT * FROM sqlite_master WHERE name = 'note'").fetchall()
    connection.close()


def test_epochs_go_on_when_the_file_is_gone_or_the_clock_is_back(tmp_path: Path) -> None:
    path = str(tmp_path / "p.db")
    epochs = []
    for now in (1_800_000_000.0, 0.0, 1_800_000_000.0, 1e12):
        connection = connect(path)
        migrate(connection)
        epochs.append(next_epoch(connection, path, now))
        connection.close()
        Path(path).unlink()
    assert epochs == [epochs[0], epochs[0] + 1, epochs[0] + 2, epochs[0] + 3]


@pytest.mark.parametrize("first_page", [False, True])
async def test_a_damaged_file_is_set_aside_and_work_goes_on(
    open_store: OpenStore, make_block: MakeBlock, tmp_path: Path, *, first_page: bool
) -> None:
    store = await open_store()
    before = store.epoch
    for number in range(2000):
        store.append(make_block(number))
    await store.close()
    spoil(tmp_path / "p.db", first_page=first_page)
    store = await open_store()
    assert store.quarantined is not None
    assert store.quarantined in set_aside(tmp_path)
    assert store.epoch > before
    store.append(make_block())
    await store.flush()
    assert store.acknowledged == 1
    assert (await store.audit_tail(1))[0]["event"] == "damaged store set aside"


def test_what_sqlite_keeps_beside_a_damaged_file_goes_with_it(tmp_path: Path) -> None:
    """A journal left behind would be played back into the new file."""
    names = [f"p.db{tail}" for tail in ("", "-wal", "-shm", "-journal")]
    for name in names:
        (tmp_path / name).write_text(name)
    aside = database.set_aside(str(tmp_path / "p.db"), 5.0)
    assert aside == str(tmp_path / "p.db.damaged-5")
    found = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert found == {name.replace("p.db", "p.db.damaged-5"): name for name in names}


async def test_documents_are_saved_from_a_damaged_file(
    open_store: OpenStore, make_block: MakeBlock, tmp_path: Path
) -> None:
    store = await open_store()
    await store.put("override", "a", {"until": 5})
    await store.flush()
    for number in range(2000):
        store.append(make_block(number))
    await store.close()
    path = tmp_path / "p.db"
    with path.open("r+b") as file:  # the newest pages are samples
        file.seek(path.stat().st_size - 8 * 4096)
        file.write(b"\xa5" * 4096)
    store = await open_store()
    assert store.quarantined is not None
    assert store.documents("override") == {"a": {"until": 5}}
    await store.close()
    assert (await open_store()).documents("override") == {"a": {"until": 5}}


async def test_damage_found_while_running_loses_no_document_and_tells_the_uplinks(
    open_store: OpenStore, make_block: MakeBlock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await open_store()
    outbox = outbox_of(store, "cloud")
    await store.put("override", "a", 1)
    for number in range(10):
        store.append(make_block(number))
    await store.flush()
    store.append(make_block(10))
    commit = store.disk.commit

    def corrupt(batch: object) -> None:
        monkeypatch.setattr(store.disk, "commit", commit)
        error = sqlite3.DatabaseError("database disk image is malformed")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error

    monkeypatch.setattr(store.disk, "commit", corrupt)
    with pytest.raises(StoreError):
        await store.flush()
    await store.flush()
    assert store.quarantined is not None
    assert store.documents("override") == {"a": 1}
    assert [(gap.blocks, gap.reason) for gap in outbox.gaps] == [(10, "store file was damaged")]
    assert outbox.backlog == 1
    assert [value for _, value, _ in await store.history("ch1.p1", 0, 2e9, 50)] == [10]
    assert store.status()["rows"] == 1
    await store.close()
    assert verify_audit(str(tmp_path / "p.db")) is None
    again = await open_store()
    assert again.documents("override") == {"a": 1}
    assert again.epoch > store.epoch


async def test_a_bad_page_found_by_a_reader_sets_the_file_aside(
    open_store: OpenStore, make_block: MakeBlock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await open_store()
    store.append(make_block())
    await store.flush()

    def corrupt(*_: object) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    with monkeypatch.context() as patch:
        patch.setattr("agent.telemetry.history.answer", corrupt)
        with pytest.raises(StoreError):
            await store.history("ch1.p1", 0, 2e9, 5)
    await store.flush()
    assert store.quarantined is not None
    assert await store.history("ch1.p1", 0, 2e9, 5) == []
