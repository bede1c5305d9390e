"""Notes of one channel put together: as many sites in one message as it may hold."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.advisory.links import Links
from agent.advisory.model import AdvisorySite, Note, TaskKind
from agent.advisory.picture import PictureRow, times_picture
from agent.advisory.settings import Language
from agent.advisory.words import WORDS, sentence, title

MOST_SITES = 40
LINK_LIFE = 86_400.0  # s after what it is about


@dataclass(frozen=True, slots=True)
class Line:
    """One site."""

    number: int
    site: str
    name: str
    text: str
    link: str
    picture: str  # link to it

    def plain(self, done: str) -> str:
        return f"{self.number}. {self.name}: {self.text} | {done}: {self.link}"

    def marked(self, done: str) -> str:
        """As Markdown; what a name holds is text, not marks."""
        return f"{self.number}. {_unmarked(self.name)}: {self.text} [{done}]({self.link})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a channel sends. `id` is the same for the same notes."""

    id: str
    title: str
    lines: tuple[Line, ...]
    mentions: tuple[str, ...]
    kind: TaskKind
    done: str  # the word on the link that confirms
    look: str  # ... on the one that shows the picture
    details: tuple[Mapping[str, Any], ...]
    picture: bytes | None
    notes: tuple[int, ...]

    def plain(self) -> str:
        return "\n".join([self.title, *(line.plain(self.done) for line in self.lines)])

    def markdown(self) -> str:
        return "\n".join([f"**{self.title}**", *(line.marked(self.done) for line in self.lines)])


@dataclass(frozen=True, slots=True)
class Composer:
    """Puts notes into words."""

    sites: Mapping[str, AdvisorySite]
    links: Links
    language: Language

    def compose(self, notes: Sequence[Note], most_bytes: int) -> Message:
        """Of the first note and those after it that are of its sort and still fit."""
        first = notes[0]
        lines: list[Line] = []
        taken: list[Note] = []
        size = 200  # title, mentions
        head = _sort(first)
        for note in notes:
            if _sort(note) != head or len(taken) >= MOST_SITES:
                continue
            line = self._line(note, len(taken) + 1)
            length = len(line.plain(self._done).encode()) + 12
            if taken and size + length > most_bytes:
                break
            lines.append(line)
            taken.append(note)
            size += length
        details = tuple(json.loads(note.detail) for note in taken)
        return Message(
            id=hashlib.sha256("\n".join(note.key for note in taken).encode()).hexdigest()[:32],
            title=title(self.language, first.kind, first.step, details[0]),
            lines=tuple(lines),
            mentions=tuple(dict.fromkeys(note.mention for note in taken if note.mention)),
            kind=first.kind,
            done=self._done,
            look=WORDS[self.language]["picture"],
            details=details,
            picture=picture_of(first.kind, details),
            notes=tuple(note.number for note in taken),
        )

    @property
    def _done(self) -> str:
        return WORDS[self.language]["done"]

    def _line(self, note: Note, number: int) -> Line:
        site = self.sites.get(note.site)
        detail = json.loads(note.detail)
        until = note.expires + LINK_LIFE
        return Line(
            number,
            note.site,
            (site.place.name if site else note.site)[:80],
            sentence(self.language, note.kind, detail),
            self.links.acknowledge(note.task, note.step, until),
            self.links.picture(note.task, note.step, until),
        )


def picture_of(kind: TaskKind, details: Sequence[Mapping[str, Any]]) -> bytes | None:
    """The times of the sites in the order of the message; None for what is no matter of times."""
    if kind is not TaskKind.TIMES:
        return None
    rows = [
        PictureRow(number, tuple((time, what) for time, what in detail["changes"]))
        for number, detail in enumerate(details, 1)
    ]
    return times_picture(str(details[0]["day"]), rows)


def _sort(note: Note) -> tuple[TaskKind, bool, str]:
    """Notes that go well in one message: for times, those of one night."""
    night = json.loads(note.detail).get("day", "") if note.kind is TaskKind.TIMES else ""
    return note.kind, note.step > 0, night


def _unmarked(text: str) -> str:
    for mark in "\\[]()<>*_`#":
        text = text.replace(mark, " ")
    return text
