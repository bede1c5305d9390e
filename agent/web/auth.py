"""Who may control: users with argon2id hashes in one small file, and the one-time code that makes the first of them."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hmac
import logging
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

log = logging.getLogger("plantroom.web")

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256
NAME = re.compile(r"[\w.@-]{1,40}")
CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # nothing that reads like something else
# 19 MiB, three passes, one lane: what a gateway with little memory can spare (OWASP password storage, argon2id).
HASHER = PasswordHasher(time_cost=3, memory_cost=19_456, parallelism=1)
MOST_WAITING = 8  # hashing is costly on purpose; more callers than this are turned away


class UsersUnreadableError(ValueError):
    """The users file is there but cannot be used: control stays locked, nobody is let in by a fresh set-up code."""


class CrowdedError(ValueError):
    """Too many passwords are being checked at this moment."""


class Users:
    """The people who may control. All slow work (argon2, disk) happens in threads, one at a time."""

    def __init__(self, path: Path, hasher: PasswordHasher = HASHER) -> None:
        self._path = path
        self._hasher = hasher
        self._hashes: dict[str, str] = {}
        self._unreadable = False
        self._decoy = _decoy(hasher)
        self._waiting = 0
        # One thread of its own: the C library keeps the 19 MiB of every thread that ever hashed.
        self._thread = ThreadPoolExecutor(1, "passwords")
        self.setup_code: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._hashes)

    async def load(self) -> None:
        """Read the file. Without any user a set-up code is made; an unreadable file locks control and is logged."""
        try:
            self._hashes = await asyncio.to_thread(_read, self._path)
        except UsersUnreadableError as error:
            self._unreadable = True
            log.error("%s: control over the network stays locked", error)
            return
        self.setup_code = None if self._hashes else new_code()

    async def check(self, name: str, password: str) -> bool:
        """Whether this is the password. An unknown name takes just as long as a wrong password."""
        self._must_be_readable()
        known = self._hashes.get(name)
        right = await self._in_turn(self._verify, known or self._decoy, password)
        return right and known is not None

    async def set_up(self, code: str, name: str, password: str) -> bool:
        """Make the first user with the one-time code. False: wrong code or already used."""
        _check_new(name, password)
        if self.setup_code is None or not hmac.compare_digest(_plain(code), _plain(self.setup_code)):
            return False
        code_used, self.setup_code = self.setup_code, None
        try:
            await self._add(name, password)
        except BaseException:
            self.setup_code = code_used  # the disk refused: the person may try again
            raise
        return True

    async def add(self, name: str, password: str) -> None:
        """One more user, or a new password for a known one. ValueError says what is wrong with it."""
        _check_new(name, password)
        await self._add(name, password)

    async def remove(self, name: str) -> None:
        """KeyError for an unknown name, ValueError for the last user."""
        if name not in self._hashes:
            raise KeyError(f"there is no user {name}")
        if len(self._hashes) == 1:
            raise ValueError("the last user cannot be removed")
        await self._store({known: text for known, text in self._hashes.items() if known != name})

    def _must_be_readable(self) -> None:
        if self._unreadable:
            raise UsersUnreadableError(
                "the users file is damaged; mend it on the box, then restart the agent"
            )

    async def _add(self, name: str, password: str) -> None:
        self._must_be_readable()
        text = await self._in_turn(self._hasher.hash, password)
        await self._store({**self._hashes, name: text})

    async def _store(self, hashes: dict[str, str]) -> None:
        await asyncio.to_thread(_write, self._path, hashes)
        self._hashes = hashes
        self.setup_code = None

    async def _in_turn(self, work: Any, *arguments: str) -> Any:
        if self._waiting >= MOST_WAITING:
            raise CrowdedError("too many people are logging in at once, try again in a moment")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)
        finally:
            self._waiting -= 1

    def _verify(self, known: str, password: str) -> bool:
        try:
            return self._hasher.verify(known, password)
        except (VerificationError, InvalidHashError):
            return False


def _decoy(hasher: PasswordHasher) -> str:
    """A hash of no password, as costly to check as a real one, made without the time and memory of hashing."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(length)).decode().rstrip("=")
        for length in (hasher.salt_len, hasher.hash_len)
    )
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"


def new_code() -> str:
    """Twelve letters and digits (60 bits) in three groups, easy to type from a log or a sticker."""
    groups = ("".join(secrets.choice(CODE_ALPHABET) for _ in range(4)) for _ in range(3))
    return "-".join(groups)


def _plain(code: str) -> bytes:
    return "".join(code.upper().split()).replace("-", "").encode()


def _check_new(name: str, password: str) -> None:
    if not NAME.fullmatch(name):
        raise ValueError("a user name has 1 to 40 letters, digits or . _ @ -")
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise ValueError(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    if (len(name) > 3 and name.lower() in password.lower()) or len(set(password)) < 5:
        raise ValueError("this password is too easy to guess: it repeats itself or holds the user name")


def _read(path: Path) -> dict[str, str]:
    try:
        data = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, orjson.JSONDecodeError) as error:
        raise UsersUnreadableError(f"{path} cannot be read: {error}") from error
    users = data.get("users") if isinstance(data, Mapping) else None
    if not isinstance(users, Mapping) or not all(isinstance(one, str) for one in users.values()):
        raise UsersUnreadableError(f"{path} is not a users file")
    return dict(users)


def _write(path: Path, hashes: Mapping[str, str]) -> None:
    """All or nothing, readable by the owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".users-")  # made with mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(orjson.dumps({"version": 1, "users": hashes}, option=orjson.OPT_INDENT_2))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
