"""Links that staff follow: short, signed, and worth nothing on another store or after their time."""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import secrets
import struct
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

_SIGNATURE = 12  # bytes of HMAC-SHA256
_LAYOUT = ">IBI"  # task, step, hour of expiry


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a link says once its signature holds."""

    task: int
    step: int
    expires: float  # UTC seconds


class Links:
    """Makes and reads them. `epoch` belongs to the store: numbers of a lost store open nothing in a new one."""

    def __init__(self, public_url: str, key: bytes, epoch: str) -> None:
        self._url = public_url.rstrip("/")
        self._key = hmac.digest(key, epoch.encode(), "sha256")

    def acknowledge(self, task: int, step: int, expires: float) -> str:
        return f"{self._url}/a/{self.token(task, step, expires)}"

    def picture(self, task: int, step: int, expires: float) -> str:
        return f"{self._url}/p/{self.token(task, step, expires)}.png"

    def token(self, task: int, step: int, expires: float) -> str:
        body = struct.pack(_LAYOUT, task, min(step, 255), int(expires // 3600) + 1)
        return base64.urlsafe_b64encode(body + self._sign(body)).decode().rstrip("=")

    def read(self, token: str) -> Ticket | None:
        """None for what we have not signed."""
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except (binascii.Error, ValueError):
            return None
        size = struct.calcsize(_LAYOUT)
        if len(raw) != size + _SIGNATURE or not hmac.compare_digest(raw[size:], self._sign(raw[:size])):
            return None
        task, step, hour = struct.unpack(_LAYOUT, raw[:size])
        return Ticket(task, step, hour * 3600.0)

    def _sign(self, body: bytes) -> bytes:
        return hmac.new(self._key, body, sha256).digest()[:_SIGNATURE]


def key_beside(store: Path, given: str) -> bytes:
    """The key of the advisory file, else one made once and kept beside the store, for its owner only. Raises OSError."""
    if given:
        return given.encode()
    file = store.with_suffix(".key")
    try:
        return file.read_bytes()
    except FileNotFoundError:
        key = secrets.token_bytes(32)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(key)
        return key
