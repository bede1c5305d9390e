"""A disk that is really full, really read-only: a small memory file system where we are root, else a file-size limit."""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.core.errors import StoreError
from agent.core.reading import ReadingBlock
from agent.telemetry.store import Store, outbox_of, verify_audit

pytestmark = pytest.mark.integration
OpenStore = Callable[..., Awaitable[Store]]
MakeBlock = Callable[..., ReadingBlock]
MS_RDONLY, MS_REMOUNT, MNT_DETACH = 1, 32, 2


def mount(folder: Path, flags: int = 0, options: str = "size=3m") -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"plantroom", os.fsencode(folder), b"tmpfs", flags, options.encode()) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        mount(folder)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EACCES):
            raise
        pytest.skip("mounting a file system needs root; the file-size test covers the rest")
    yield folder
    ctypes.CDLL(None).umount2(os.fsencode(folder), MNT_DETACH)


async def fill_until_refused(store: Store, make_block: MakeBlock) -> int:
    """Appends and flushes until the disk refuses; how many blocks were acknowledged before."""
    for number in range(1000):
        for part in range(100):
            store.append(make_block(number * 100 + part, values=(number + 0.1,) * 4))
        try:
            await store.flush()
        except StoreError:
            return store.acknowledged
    raise AssertionError("the disk never refused")


async def test_a_full_disk_degrades_live_goes_on_and_all_is_stored_when_there_is_room(
    small_disk: Path, open_store: OpenStore, make_block: MakeBlock
) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 1_500_000)
    store = await open_store(path=str(small_disk / "p.db"))
    outbox = outbox_of(store, "cloud")
    outbox.open_live()
    acknowledged = await fill_until_refused(store, make_block)
    assert acknowledged > 0
    assert store.status()["state"] == "degraded"
    assert "full" in store.status()["error"]
    with pytest.raises(StoreError):
        await store.put("prior", "a", 1)
    handed = len(outbox.live)
    sequence = store.append(make_block())
    assert len(outbox.live) == min(handed + 1, 4000)
    ballast.unlink()
    await store.flush()
    assert store.status()["state"] == "ok"
    assert store.acknowledged == sequence
    assert store.status()["rows"] == sequence
    assert len(await store.history("ch1.p0", 0, 2e9, 100_000)) == sequence
    await store.put("prior", "a", 1)


async def test_a_disk_that_turns_read_only_and_back(
    small_disk: Path, open_store: OpenStore, make_block: MakeBlock
) -> None:
    store = await open_store(path=str(small_disk / "p.db"))
    store.append(make_block(1))
    await store.flush()
    await store.close()
    mount(small_disk, MS_REMOUNT | MS_RDONLY)
    with pytest.raises(StoreError):
        await open_store(path=str(small_disk / "p.db"))
    mount(small_disk, MS_REMOUNT)
    store = await open_store(path=str(small_disk / "p.db"))
    assert len(await store.history("ch1.p0", 0, 2e9, 10)) == 1


@contextmanager
def file_size_limit(limit: int) -> Iterator[None]:
    """No file of this process may grow past the limit; the kernel answers EFBIG."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


async def test_a_file_that_may_not_grow(open_store: OpenStore, make_block: MakeBlock, tmp_path: Path) -> None:
    store = await open_store()
    store.audit({"event": "first"})
    with file_size_limit(1_000_000):
        assert await fill_until_refused(store, make_block) > 0
        assert store.status()["state"] == "degraded"
        store.audit({"event": "while refused"})
    await store.flush()
    status = store.status()
    assert (status["state"], status["waiting"]) == ("ok", 0)
    assert status["rows"] == status["acknowledged"]
    assert len(await store.history("ch1.p0", 0, 2e9, 1_000_000)) == status["rows"]
    await store.close()
    assert verify_audit(str(tmp_path / "p.db")) is None
