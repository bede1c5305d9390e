"""Names: which are allowed, and which known one was probably meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,62}")
"""What a device, point, equipment or policy may be called: it ends up in point ids, topics and URLs."""


def nearest(name: object, known: Iterable[str]) -> str:
    """The mend for an unknown name: the nearest known one, or what there is to choose from."""
    choices = sorted(set(known))
    text = str(name)[:80]
    close = difflib.get_close_matches(text.lower(), [choice.lower() for choice in choices], n=1, cutoff=0.6)
    if close:
        return f"did you mean '{next(choice for choice in choices if choice.lower() == close[0])}'?"
    if not choices:
        return "there is none to choose from"
    shown = ", ".join(choices[:12])
    return f"known: {shown}{', ...' if len(choices) > 12 else ''}"


def bad_name(name: object) -> str | None:
    """What is wrong with this name; None when nothing is."""
    if isinstance(name, str) and NAME.fullmatch(name):
        return None
    return f"'{str(name)[:40]}' cannot be a name: letters, digits, _ and -, at most 63, not starting with a digit"
