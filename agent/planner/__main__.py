"""`python -m agent.planner`: reads one job from standard input, learns, prints one JSON line.

Limits are set here, in the planner itself, before anything big is imported: last in the queue for the processor, first in
the queue for the kernel's out-of-memory killer, no more memory than the budget, and an end even if nobody waits any more.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from contextlib import suppress
from pathlib import Path

from agent.control.learning_job import MEMORY, Job, Learned, answer_text, perform, read_job
from agent.control.side_work import answer_with, end_after
from agent.core.learning import NothingToLearnError
from agent.telemetry.past import StoredHistory

FIRST_TO_GO = 800
MOST_DATA = MEMORY * 3 // 2  # promised, not held: libraries reserve a quarter more than they touch


def main() -> int:
    return answer_with(answer, FIRST_TO_GO)


def answer(text: bytes) -> bytes:
    """Raises whatever the policy raises."""
    began = time.perf_counter()
    job = read_job(text)
    resource.setrlimit(
        resource.RLIMIT_DATA, (MOST_DATA, MOST_DATA)
    )  # more than it could ever hold: refused at once
    end_after(job.deadline)
    try:
        return answer_text(learn(job, began))
    except NothingToLearnError as reason:
        return json.dumps({"nothing": str(reason)}).encode()


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


if __name__ == "__main__":
    sys.exit(main())
