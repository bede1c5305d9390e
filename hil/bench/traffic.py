"""All traffic of a rig on one time base: every frame with its direction, as JSON lines and as a table like a capture."""

from __future__ import annotations

import csv
import json
import time
from dataclasses import dataclass
from pathlib import Path

SILENCE = 0.004  # real seconds; bytes of one direction that follow within it belong to one frame


@dataclass(slots=True)
class _Open:
    begun: float
    last: float
    to_device: bool
    data: bytearray


class Traffic:
    """Takes bytes as they pass, writes frames as they end. One event loop, times of one monotonic clock."""

    def __init__(self, folder: Path, start_utc: float) -> None:
        """Raises OSError when the files cannot be made. `start_utc` belongs to the moment of this call."""
        folder.mkdir(parents=True, exist_ok=True)
        self._lines = (folder / "traffic.jsonl").open("w", encoding="utf-8")
        self._table = (folder / "traffic.csv").open("w", newline="", encoding="utf-8")
        self._writer = csv.writer(self._table)
        self._writer.writerow(("no", "time_s", "source", "destination", "length", "bytes"))
        self._zero = time.monotonic()
        self._start_utc = start_utc
        self._open: dict[str, _Open] = {}
        self.frames = 0

    def passed(self, bus: str, to_device: bool, data: bytes) -> None:
        """Bytes on a bus, at this moment."""
        now = time.monotonic() - self._zero
        frame = self._open.get(bus)
        if frame is not None and (frame.to_device is not to_device or now - frame.last > SILENCE):
            self._end(bus)
            frame = None
        if frame is None:
            self._open[bus] = _Open(now, now, to_device, bytearray(data))
        else:
            frame.data += data
            frame.last = now

    def note(self, bus: str, text: str) -> None:
        """Something that is no frame: a refused write, a cut line."""
        now = time.monotonic() - self._zero
        record = {"time": round(now, 6), "utc": self._start_utc + now, "bus": bus, "note": text}
        self._lines.write(json.dumps(record, ensure_ascii=False) + "\n")

    def close(self) -> None:
        for bus in list(self._open):
            self._end(bus)
        self._lines.close()
        self._table.close()

    def _end(self, bus: str) -> None:
        frame = self._open.pop(bus)
        self.frames += 1
        ends = ("agent", bus) if frame.to_device else (bus, "agent")
        record = {
            "time": round(frame.begun, 6),
            "utc": self._start_utc + frame.begun,
            "bus": bus,
            "direction": "to_device" if frame.to_device else "from_device",
            "bytes": frame.data.hex(),
        }
        self._lines.write(json.dumps(record) + "\n")
        self._writer.writerow(
            (self.frames, f"{frame.begun:.6f}", *ends, len(frame.data), frame.data.hex(" "))
        )
