"""The disk as a power cut leaves it: rebuilt from what `power_cut.c` wrote down, at any moment of it.

What a finished sync covers is there. Of what came after, every write is kept, lost or torn at sectors of 512 bytes, in no order
but its own file's; of the names (created, renamed, removed) any first part is kept, as a journal of names would. A sector is old
or new, never a mixture: bytes beside a write stay what they were, which is what SQLite asks of a disk, too.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512
PROMISES = "promises"  # what the process told the world; never lost
_HEAD = struct.Struct("<cQQI")
_SHARED_MEMORY = "-shm"  # mapped, never synced: a reader of it after a cut must not believe it


@dataclass(frozen=True, slots=True)
class Record:
    op: str
    inode: int
    number: int
    bytes: bytes


def records(trace: Path) -> Iterator[Record]:
    content = trace.read_bytes()
    at = 0
    while at < len(content):
        op, inode, number, length = _HEAD.unpack_from(content, at)
        at += _HEAD.size
        yield Record(op.decode(), inode, number, content[at : at + length])
        at += length


@dataclass(slots=True)
class File:
    """`content` is on the platter; of `loose` nobody knows."""

    content: bytearray = field(default_factory=bytearray)
    loose: list[Record] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)  # how much was loose when each running sync began


@dataclass(slots=True)
class Names:
    """The folder. A change is (old path or none, new path or none, file)."""

    sure: dict[str, File] = field(default_factory=dict)
    loose: list[tuple[str, str, File]] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)


def _write(content: bytearray, at: int, data: bytes) -> None:
    if len(content) < at:
        content.extend(bytes(at - len(content)))
    content[at : at + len(data)] = data


def _resize(content: bytearray, size: int) -> None:
    if size < len(content):
        del content[size:]
    else:
        content.extend(bytes(size - len(content)))


def _apply(content: bytearray, record: Record) -> None:
    if record.op == "w":
        _write(content, record.number, record.bytes)
    else:
        _resize(content, record.number)


def _tear(content: bytearray, record: Record, chance: random.Random) -> None:
    """Each sector of the write arrived or did not."""
    at, end = record.number, record.number + len(record.bytes)
    while at < end:
        stop = min(end, (at // SECTOR + 1) * SECTOR)
        if chance.random() < 0.5:
            _write(content, at, record.bytes[at - record.number : stop - record.number])
        at = stop


def _rename(names: dict[str, File], change: tuple[str, str, File]) -> None:
    old, new, file = change
    if old:
        names.pop(old, None)
    if new:
        names[new] = file


class CutDisk:
    """Feed it the records one by one; `leave` writes the disk as it may be now. `honest` False: syncs do nothing."""

    def __init__(self, folder: Path, *, honest: bool = True) -> None:
        self.promises = bytearray()
        self._folder = str(folder)
        self._honest = honest
        self._files: dict[int, File] = {}
        self._names = Names()
        self._now: dict[str, File] = {}  # as the process sees it

    def take_over(self, start: Path) -> None:
        """What lay in the folder before the trace began is on the platter."""
        for path in start.iterdir():
            file = File(bytearray(path.read_bytes()))
            self._files[path.stat().st_ino] = file
            self._now[path.name] = self._names.sure[path.name] = file

    def feed(self, record: Record) -> None:
        match record.op:
            case "o":
                self._opened(record)
            case "w" | "t":
                self._changed(record)
            case "b" | "s":
                self._synced(record)
            case "r":
                old, new = (self._name(part) for part in record.bytes.split(b"\0"))
                self._move(old, new, self._now[old])
            case "u":
                name = self._name(record.bytes)
                self._move(name, "", self._now[name])

    def leave(self, where: Path, chance: random.Random) -> None:
        """Writes the files of one possible outcome into an empty folder."""
        names = dict(self._names.sure)
        for change in self._names.loose[: chance.randint(0, len(self._names.loose))]:
            _rename(names, change)
        fate = chance.choice([(0.0, 0.0), (1.0, 0.0), (0.5, 0.0), (0.4, 0.4), (0.05, 0.9), (0.9, 0.1)])
        for name, file in names.items():
            if name == PROMISES:
                continue
            content = self._outcome(file, fate, chance)
            if name.endswith(_SHARED_MEMORY):
                content = bytearray(chance.randbytes(len(content)))
            (where / name).write_bytes(content)

    def contents(self) -> dict[str, bytes]:
        """As the process sees them, for the proof that nothing was overlooked."""
        found = {}
        for name, file in self._now.items():
            content = bytearray(file.content)
            for record in file.loose:
                _apply(content, record)
            found[name] = bytes(content)
        return found

    def _outcome(self, file: File, fate: tuple[float, float], chance: random.Random) -> bytearray:
        kept, torn = fate
        content = bytearray(file.content)
        for record in file.loose:
            draw = chance.random()
            if draw < kept:
                _apply(content, record)
            elif draw < kept + torn and record.op == "w":
                _tear(content, record, chance)
        return content

    def _opened(self, record: Record) -> None:
        name = self._name(record.bytes)
        if record.inode not in self._files and name == "":
            return  # the folder itself
        if record.number or record.inode not in self._files:
            self._files[record.inode] = file = File()
            self._move("", name, file)

    def _changed(self, record: Record) -> None:
        file = self._files[record.inode]
        if file is self._now.get(PROMISES):
            self.promises += record.bytes
        file.loose.append(record)

    def _synced(self, record: Record) -> None:
        if not self._honest:
            return
        place = self._files.get(record.inode, self._names)
        if record.op == "b":
            place.marks.append(len(place.loose))
            return
        covered = place.marks.pop(0)
        done, place.loose = place.loose[:covered], place.loose[covered:]
        place.marks = [max(0, mark - covered) for mark in place.marks]
        for one in done:
            if isinstance(place, File):
                _apply(place.content, one)
            else:
                _rename(place.sure, one)

    def _move(self, old: str, new: str, file: File) -> None:
        change = (old, new, file)
        _rename(self._now, change)
        self._names.loose.append(change)

    def _name(self, path: bytes) -> str:
        return path.decode().removeprefix(self._folder).lstrip("/")
