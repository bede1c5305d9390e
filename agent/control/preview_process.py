"""Starts the preview process, waits for its answer and no longer. One at a time: the box has a plant to run."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress

from agent.control.preview_job import (
    DEADLINE,
    LONGEST_ANSWER,
    Job,
    PreviewError,
    Replay,
    Shadow,
    job_text,
    read_answer,
)

PROGRAM = (sys.executable, "-P", "-m", "agent.preview")
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
LAST_BREATH = 2.0  # real seconds from the kill to the end
LAST_WORDS = 400  # characters of what it wrote on standard error


async def run_preview(job: Job, kind: type[Replay | Shadow]) -> Replay | Shadow:
    """Raises PreviewError when there is no answer of that kind in time."""
    text = await asyncio.to_thread(job_text, job)
    return await asyncio.to_thread(read_answer, await _answer(text), kind)


async def _answer(text: bytes) -> bytes:
    try:
        process = await asyncio.create_subprocess_exec(
            *PROGRAM,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=os.environ | ONE_THREAD | {"MALLOC_ARENA_MAX": "1"},
            start_new_session=True,  # Ctrl-C is the agent's affair
        )
    except OSError as error:
        raise PreviewError(f"the preview cannot be started: {error}") from error
    try:
        async with asyncio.timeout(DEADLINE):
            answer, words = await process.communicate(text)
    except TimeoutError as error:
        raise PreviewError(f"no preview within {DEADLINE:g} s: ask for fewer days") from error
    finally:
        await _end(process)
    if len(answer) > LONGEST_ANSWER:
        raise PreviewError(f"the answer is longer than {LONGEST_ANSWER / 1e6:g} MB: ask for fewer days")
    if not answer:
        said = " ".join(words.decode(errors="replace").split())[-LAST_WORDS:]
        raise PreviewError(f"the preview ended with code {process.returncode} and no answer: {said}")
    return answer


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
    with suppress(TimeoutError):
        async with asyncio.timeout(LAST_BREATH):
            await process.wait()
