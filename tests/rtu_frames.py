"""RTU frames made and judged without the driver's own codec."""

from __future__ import annotations

import struct

from hil.servers.framing import crc


def framed(body: bytes) -> bytes:
    return body + struct.pack("<H", crc(body))


def is_framed(frame: bytes) -> bool:
    return framed(frame[:-2]) == frame
