"""What has arrived at the embedded cloud, by the way it came: counted once a key, for people to see."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import Any

from agent.telemetry.receiver import Receiver


class BadMessageError(Exception):
    """Not a message of the open format."""


@dataclass(slots=True)
class Way:
    """One way of delivery and what it has brought."""

    receiver: Receiver = field(default_factory=Receiver)
    messages: int = 0
    refused: int = 0


@dataclass(slots=True, weakref_slot=True)
class CloudBook:
    """The receivers' memory, and the last value of everything."""

    ways: dict[str, Way] = field(default_factory=dict)
    latest: dict[str, dict[str, Any]] = field(default_factory=dict)  # device -> its last values

    def take(self, way: str, payload: bytes) -> int:
        """One message of samples or gaps. Returns the new samples in it; raises BadMessageError."""
        entry = self.ways.setdefault(way, Way())
        try:
            fresh = entry.receiver.take(payload)
            samples = sum(self._show(block) for block in fresh)
        except (AttributeError, KeyError, TypeError, ValueError, zlib.error) as error:
            entry.refused += 1
            raise BadMessageError(f"{type(error).__name__}: {error}") from error
        entry.messages += 1
        return samples

    def line(self) -> str:
        """One line of what has come in."""
        parts = [
            f"{name} {way.receiver.values} samples in {way.messages} messages, {way.receiver.duplicates} duplicates"
            + (f", {len(way.receiver.gaps)} gaps" if way.receiver.gaps else "")
            + (f", {way.refused} refused" if way.refused else "")
            for name, way in sorted(self.ways.items())
        ]
        return "cloud: " + ("; ".join(parts) or "nothing received")

    def _show(self, block: dict[str, Any]) -> int:
        values = dict(block["values"])
        self.latest.setdefault(str(block["device"]), {}).update(values)
        return len(values)
