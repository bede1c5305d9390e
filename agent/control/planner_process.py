"""Starts the planner for one job, and takes no more from it than an artefact may be long."""

from __future__ import annotations

import asyncio

from agent.control.learning_job import (
    LONGEST_ANSWER,
    MEMORY,
    Job,
    Learned,
    LearningError,
    job_text,
    read_answer,
)
from agent.control.side_process import SideProcess, SideProcessError
from agent.core.learning import Learning

PLANNER = SideProcess(name="planner", module="agent.planner", memory=MEMORY, longest_answer=LONGEST_ANSWER)


async def run_planner(job: Job, learning: Learning) -> Learned:
    """One job in a process of its own. Raises NothingToLearnError, and LearningError when there is no result in time."""
    text = await asyncio.to_thread(job_text, job)  # a large site is much to write down
    try:
        answer = await PLANNER.ask(text, learning.deadline)
    except SideProcessError as error:
        raise LearningError(str(error)) from error
    return await asyncio.to_thread(read_answer, answer, learning)
