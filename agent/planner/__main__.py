"""`python -m agent.planner`: reads one job from standard input, learns, prints one JSON line.

Limits are set here, in the planner itself, before anything big is imported: last in the queue for the processor, first in
the queue for the kernel's out-of-memory killer, no more memory than the budget, and an end even if nobody waits any more.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path

from agent.control.learning_job import MEMORY, Job, Learned, answer_text, perform, read_job
from agent.core.learning import NothingToLearnError
from agent.telemetry.past import StoredHistory

NICE = 10
FIRST_TO_GO = "800"  # of 1000, for the kernel's out-of-memory killer
MOST_DATA = MEMORY * 3 // 2  # promised, not held: libraries reserve a quarter more than they touch
GRACE = 5.0  # real seconds after the deadline


def main() -> int:
    answers = os.dup(1)
    os.dup2(2, 1)  # what a library prints is no answer
    with suppress(OSError):
        os.nice(NICE)
        Path("/proc/self/oom_score_adj").write_text(FIRST_TO_GO, "ascii")
    began = time.perf_counter()
    try:
        job = read_job(sys.stdin.buffer.read())
        keep_within(job)
        answer, code = answer_text(learn(job, began)), 0
    except NothingToLearnError as reason:
        answer, code = json.dumps({"nothing": str(reason)}).encode(), 0
    except MemoryError:
        answer, code = b'{"error": "it needs more memory than the planner may have"}', 1
    except Exception as error:  # noqa: BLE001 - whatever a policy raises is the answer
        answer, code = json.dumps({"error": place(error)}).encode(), 1
    with os.fdopen(answers, "wb") as out:
        out.write(answer)
    return code


def keep_within(job: Job) -> None:
    """More memory than it could ever hold is refused at once; and the last second."""
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_DATA, MOST_DATA))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.setitimer(signal.ITIMER_REAL, job.deadline + GRACE)


def learn(job: Job, began: float) -> Learned:
    """Raises whatever the policy raises."""
    history = StoredHistory(
        path=job.store,
        model=job.model,
        since=job.until - job.window,
        until=job.until,
        readings=job.readings,
        artefacts=job.artefacts,
    )
    artefact = perform(job, history)
    return Learned(artefact=artefact, seconds=time.perf_counter() - began, rss_mb=peak_mb())


def peak_mb() -> float:
    """The most memory held, in MiB. Not by getrusage(2): that counts what the agent held before the exec, too."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text("ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def place(error: BaseException) -> str:
    """The error and where it was raised, in one line."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({frames[-1].name}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{where}"


if __name__ == "__main__":
    sys.exit(main())
