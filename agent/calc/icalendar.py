"""A calendar file (RFC 5545) of lamp times, for phones and mail programs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

OCTETS = 75  # of a line, without its end (section 3.1)


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """`key` names it for good: a file that is read again changes the event instead of adding another."""

    key: str
    start: float  # UTC seconds
    end: float
    summary: str
    description: str = ""


def calendar_file(name: str, events: Iterable[CalendarEvent], stamp: float) -> bytes:
    """The whole file. `stamp`: UTC seconds when it was made."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Plantroom//Lamp times//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(name)}",
    ]
    for event in events:
        lines += _event(event, name, stamp)
    lines.append("END:VCALENDAR")
    return b"".join(part for line in lines for part in _folded(line))


def _event(event: CalendarEvent, name: str, stamp: float) -> Iterator[str]:
    digest = hashlib.sha256(f"{name}\n{event.key}".encode()).hexdigest()[:32]
    yield "BEGIN:VEVENT"
    yield f"UID:{digest}@plantroom"
    yield f"DTSTAMP:{_time(stamp)}"
    yield f"DTSTART:{_time(event.start)}"
    yield f"DTEND:{_time(max(event.end, event.start + 1.0))}"
    yield f"SUMMARY:{_text(event.summary)}"
    if event.description:
        yield f"DESCRIPTION:{_text(event.description)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _time(utc: float) -> str:
    return datetime.fromtimestamp(int(utc), UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    """Escaped as section 3.3.11 wants; other control characters may not stand in a text."""
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n")):
        text = text.replace(plain, escaped)
    return "".join(one for one in text if one >= " " and one != "\x7f")


def _folded(line: str) -> Iterator[bytes]:
    """In pieces of at most 75 octets, no character cut in two; each but the first begins with a space."""
    piece = b""
    for character in line:
        octets = character.encode(errors="replace")
        if len(piece) + len(octets) > OCTETS:
            yield piece + b"\r\n"
            piece = b" "
        piece += octets
    yield piece + b"\r\n"
