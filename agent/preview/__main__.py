"""`python -m agent.preview`: reads one job from standard input, prints one JSON line. Last in every queue of the machine."""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import traceback
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from agent.control.preview_job import DEADLINE, Job, Replay, Shadow, TwinJob, TwinResult, read_job
from agent.core.serial import to_plain
from agent.preview.replay import replay
from agent.preview.shadow import shadow

NICE = 10
FIRST_TO_GO = "900"  # of 1000, for the kernel's out-of-memory killer
GRACE = 5.0  # real seconds after the deadline
TWINS = "plantroom.twins"  # entry points that run a site's simulated twin


def main() -> int:
    answers = os.dup(1)
    os.dup2(2, 1)  # what a library prints is no answer
    with suppress(OSError):
        os.nice(NICE)
        Path("/proc/self/oom_score_adj").write_text(FIRST_TO_GO, "ascii")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.setitimer(signal.ITIMER_REAL, DEADLINE + GRACE)
    answer: dict[str, Any]
    try:
        answer, code = {"result": to_plain(perform(read_job(sys.stdin.buffer.read())))}, 0
    except Exception as error:  # noqa: BLE001 - whatever went wrong is the answer
        frames = traceback.extract_tb(error.__traceback__)
        where = f" ({frames[-1].name}, line {frames[-1].lineno})" if frames else ""
        answer, code = {"error": f"{type(error).__name__}: {error}{where}"}, 1
    with os.fdopen(answers, "wb") as out:
        out.write(json.dumps(answer).encode())
    return code


def perform(job: Job) -> Replay | Shadow:
    """Raises whatever goes wrong, but for the twin, whose trouble is a note."""
    if job.kind == "shadow":
        return shadow(job)
    result = replay(job)
    return result if job.twin is None else replace(result, twin=twin(job.twin))


def twin(job: TwinJob) -> TwinResult:
    """Both runs of the simulated twin, by whoever has announced that he can."""
    for entry in entry_points(group=TWINS):
        try:
            found: TwinResult = entry.load()(job)
        except Exception as error:  # noqa: BLE001 - a twin of others must not cost the replay
            return TwinResult(note=f"the twin failed: {type(error).__name__}: {error}")
        return found
    return TwinResult(note="no simulator is installed on this box: install the extra `hil` for the twin")


if __name__ == "__main__":
    sys.exit(main())
