"""`python -m agent.preview`: reads one job from standard input, prints one JSON line. Last in every queue of the machine."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from importlib.metadata import entry_points

from agent.control.preview_job import DEADLINE, Job, Replay, Shadow, TwinJob, TwinResult, read_job
from agent.control.side_work import answer_with, end_after
from agent.core.serial import to_plain
from agent.preview.replay import replay
from agent.preview.shadow import shadow

FIRST_TO_GO = 900  # before the planner
TWINS = "plantroom.twins"  # entry points that run a site's simulated twin


def main() -> int:
    return answer_with(answer, FIRST_TO_GO)


def answer(text: bytes) -> bytes:
    """Raises whatever goes wrong."""
    end_after(DEADLINE)
    return json.dumps({"result": to_plain(perform(read_job(text)))}).encode()


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
