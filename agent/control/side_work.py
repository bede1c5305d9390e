"""What a process beside the agent does on its own side: last in every queue of the machine, one JSON answer, and an end.

The limits are set before anything big is imported; what a library prints is no answer.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

NICE = 10
GRACE = 5.0  # real seconds after the deadline, when nobody waits any more


def answer_with(work: Callable[[bytes], bytes], first_to_go: int) -> int:
    """Reads the job from standard input, writes what `work` makes of it; the exit code.

    `first_to_go`: of 1000, for the kernel's out-of-memory killer.
    """
    answers = os.dup(1)
    os.dup2(2, 1)
    with suppress(OSError):
        os.nice(NICE)
        Path("/proc/self/oom_score_adj").write_text(str(first_to_go), "ascii")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer, code = work(sys.stdin.buffer.read()), 0
    except MemoryError:
        answer, code = b'{"error": "it needs more memory than it may have"}', 1
    except Exception as error:  # noqa: BLE001 - whatever went wrong is the answer
        answer, code = json.dumps({"error": place(error)}).encode(), 1
    with os.fdopen(answers, "wb") as out:
        out.write(answer)
    return code


def end_after(deadline: float) -> None:
    """The last second, even if the agent has died. Real seconds."""
    signal.setitimer(signal.ITIMER_REAL, deadline + GRACE)


def place(error: BaseException) -> str:
    """The error and where it was raised, in one line."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({frames[-1].name}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{where}"
