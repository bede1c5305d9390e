from __future__ import annotations

import asyncio
import stat
import threading
from pathlib import Path
from typing import Literal

import orjson
import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError

from agent.web import auth
from agent.web.auth import CrowdedError, Users, UsersUnreadableError, new_code

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse staple"


def names(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir()]


async def loaded(folder: Path) -> Users:
    users = Users(folder / "users.json", QUICK)
    await users.load()
    return users


async def test_the_code_makes_one_user_and_then_nobody(tmp_path: Path) -> None:
    users = await loaded(tmp_path)
    code = users.setup_code
    assert code is not None
    assert await users.set_up(code.lower().replace("-", " "), "wang", PASSWORD)
    assert users.setup_code is None
    assert not await users.set_up(code, "li", PASSWORD)
    assert users.names == ("wang",)
    assert await users.check("wang", PASSWORD)
    assert not await users.check("wang", PASSWORD + "!")
    assert not await users.check("li", PASSWORD)


async def test_a_wrong_code_leaves_the_right_one_valid(tmp_path: Path) -> None:
    users = await loaded(tmp_path)
    assert not await users.set_up(new_code(), "wang", PASSWORD)
    assert not await users.set_up("", "wang", PASSWORD)
    assert users.setup_code is not None
    assert await users.set_up(users.setup_code, "wang", PASSWORD)


async def test_the_code_is_used_up_before_the_slow_work_starts(tmp_path: Path) -> None:
    users = await loaded(tmp_path)
    code = users.setup_code or ""
    made = await asyncio.gather(users.set_up(code, "a", PASSWORD), users.set_up(code, "b", PASSWORD))
    assert sorted(made) == [False, True]
    assert len(users.names) == 1


async def test_users_survive_a_restart_and_no_new_code_is_made(tmp_path: Path) -> None:
    users = await loaded(tmp_path)
    await users.set_up(users.setup_code or "", "wang", PASSWORD)
    again = await loaded(tmp_path)
    assert again.setup_code is None
    assert await again.check("wang", PASSWORD)


async def test_the_file_is_private_and_holds_argon2id_only(tmp_path: Path) -> None:
    users = await loaded(tmp_path)
    await users.set_up(users.setup_code or "", "wang", PASSWORD)
    path = tmp_path / "users.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text()
    assert PASSWORD not in text
    assert orjson.loads(text)["users"]["wang"].startswith("$argon2id$")
    assert names(tmp_path) == ["users.json"]


async def test_a_failing_disk_leaves_the_old_file_and_the_code(tmp_path: Path, monkeypatch) -> None:
    users = await loaded(tmp_path)
    code = users.setup_code
    monkeypatch.setattr(auth.os, "fsync", _full_disk)
    with pytest.raises(OSError, match="no space"):
        await users.set_up(code or "", "wang", PASSWORD)
    assert users.setup_code == code
    assert users.names == ()
    assert names(tmp_path) == []


def _full_disk(_: int) -> None:
    raise OSError("no space left on device")


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"users": {"a": 1}}', b'{"version": 1}'])
async def test_a_damaged_file_locks_control_instead_of_opening_it(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "users.json").write_bytes(content)
    users = await loaded(tmp_path)
    assert users.setup_code is None
    with pytest.raises(UsersUnreadableError, match="mend"):
        await users.check("wang", PASSWORD)
    with pytest.raises(UsersUnreadableError):
        await users.add("wang", PASSWORD)
    assert (tmp_path / "users.json").read_bytes() == content


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("wang", "short"),
        ("wang", "x" * 300),
        ("wang", "aaaaaaaaaaaaaaaa"),
        ("wang", "my-name-is-Wang-1"),
        ("", PASSWORD),
        ("a b", PASSWORD),
        ("w" * 41, PASSWORD),
    ],
)
async def test_weak_passwords_and_odd_names_are_refused(tmp_path: Path, name: str, password: str) -> None:
    users = await loaded(tmp_path)
    code = users.setup_code or ""
    with pytest.raises(ValueError, match=r"password|name"):
        await users.set_up(code, name, password)
    assert users.setup_code == code


async def test_an_unknown_name_costs_one_hash_too(tmp_path: Path, monkeypatch) -> None:
    users = await loaded(tmp_path)
    checked: list[str] = []
    monkeypatch.setattr(users, "_verify", lambda known, password: bool(checked.append(known + password[:0])))
    assert not await users.check("nobody", PASSWORD)
    assert len(checked) == 1
    assert checked[0].startswith("$argon2id$")


async def test_hashing_runs_outside_the_loop_one_at_a_time_and_the_line_is_bounded(tmp_path: Path) -> None:
    users = await loaded(tmp_path)
    gate = threading.Event()
    started = threading.Event()
    threads: list[threading.Thread] = []

    def slow(_: str, __: str) -> bool:
        threads.append(threading.current_thread())
        started.set()
        return gate.wait(10.0)

    users._verify = slow  # type: ignore[method-assign]
    line = [asyncio.create_task(users.check("wang", PASSWORD)) for _ in range(auth.MOST_WAITING)]
    assert await asyncio.to_thread(started.wait, 10.0)
    with pytest.raises(CrowdedError):
        await users.check("wang", PASSWORD)
    assert len(threads) == 1
    gate.set()
    await asyncio.gather(*line)
    assert threading.main_thread() not in threads
    assert not await users.check("li", PASSWORD)


async def test_the_last_user_stays(tmp_path: Path) -> None:
    users = await loaded(tmp_path)
    await users.set_up(users.setup_code or "", "wang", PASSWORD)
    with pytest.raises(ValueError, match="last"):
        await users.remove("wang")
    await users.add("li", PASSWORD)
    await users.remove("wang")
    with pytest.raises(KeyError):
        await users.remove("wang")
    assert (await loaded(tmp_path)).names == ("li",)


def test_codes_differ_and_are_easy_to_read() -> None:
    codes = {new_code() for _ in range(100)}
    assert len(codes) == 100
    assert all(len(code) == 14 and not set(code) & set("IO01") for code in codes)


async def test_a_name_nobody_has_costs_a_real_check_in_the_one_thread_that_hashes(tmp_path: Path) -> None:
    checked: list[tuple[str, str]] = []

    class Watched(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - argon2's word
            checked.append((str(hash), threading.current_thread().name))
            return super().verify(hash, password)

    users = Users(tmp_path / "users.json", Watched(time_cost=1, memory_cost=8, parallelism=1))
    await users.load()
    assert not any(await asyncio.gather(*(users.check("nobody", f"guess {n}") for n in range(5))))
    assert len({thread for _, thread in checked}) == 1
    assert extract_parameters(checked[0][0]) == extract_parameters(QUICK.hash("x"))
    with pytest.raises(VerifyMismatchError):  # a whole hash was computed and compared
        QUICK.verify(checked[0][0], "guess")
