"""Starts the preview process for one question. One at a time: the box has a plant to run."""

from __future__ import annotations

import asyncio

from agent.control.preview_job import (
    DEADLINE,
    LONGEST_ANSWER,
    MEMORY,
    Job,
    PreviewError,
    Replay,
    Shadow,
    job_text,
    read_answer,
)
from agent.control.side_process import SideProcess, SideProcessError

PREVIEW = SideProcess(
    name="preview",
    module="agent.preview",
    memory=MEMORY,
    longest_answer=LONGEST_ANSWER,
    mend="ask for fewer days",
)


async def run_preview(job: Job, kind: type[Replay | Shadow]) -> Replay | Shadow:
    """Raises PreviewError when there is no answer of that kind in time."""
    text = await asyncio.to_thread(job_text, job)
    try:
        answer = await PREVIEW.ask(text, DEADLINE)
    except SideProcessError as error:
        raise PreviewError(str(error)) from error
    return await asyncio.to_thread(read_answer, answer, kind)
