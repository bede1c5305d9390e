"""Exit codes, and how a command ends with one: a sentence on stderr, nothing else."""

from __future__ import annotations

import sys
from enum import IntEnum
from typing import NoReturn


class Exit(IntEnum):
    """What the shell is told."""

    DONE = 0
    FAILED = 1
    BAD_INPUT = 2
    NO_AGENT = 3
    NOT_RELEASED = 4


def leave(code: Exit, sentence: str) -> NoReturn:
    """End the command; the sentence goes to stderr."""
    print(f"plantroom: {sentence}", file=sys.stderr)
    raise SystemExit(int(code))
