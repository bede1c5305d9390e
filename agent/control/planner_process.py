"""Starts the planner, waits for its answer and no longer, and never takes more from it than an answer may be long."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path

from agent.control.learning_job import (
    LONGEST_ANSWER,
    MEMORY,
    Job,
    Learned,
    LearningError,
    job_text,
    read_answer,
)
from agent.core.learning import Learning

PROGRAM = (sys.executable, "-P", "-m", "agent.planner")
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
LAST_BREATH = 2.0  # real seconds from the kill to the end
WEIGH_EVERY = 0.2  # real seconds
LAST_WORDS = 400  # characters of what it wrote on standard error
_PIECE = 65_536


async def run_planner(job: Job, learning: Learning) -> Learned:
    """One job in a process of its own. Raises NothingToLearnError, and LearningError when there is no result in time."""
    text = await asyncio.to_thread(job_text, job)  # a large site is much to write down
    answer = await _answer(text, learning.deadline)
    return await asyncio.to_thread(read_answer, answer, learning)


async def _answer(job: bytes, deadline: float) -> bytes:
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
        raise LearningError(f"the planner cannot be started: {error}") from error
    scales = asyncio.create_task(_too_heavy(process))
    try:
        async with asyncio.timeout(deadline):
            _, answer, words = await asyncio.gather(
                _tell(process.stdin, job), _hear(process), _last_words(process.stderr)
            )
            code = await process.wait()
    except TimeoutError as error:
        raise LearningError(f"no result within {deadline:g} s") from error
    finally:
        scales.cancel()
        await _end(process)
    if scales.done() and not scales.cancelled():
        raise LearningError(f"it needed more than the {MEMORY >> 20} MiB of memory that the planner may have")
    if len(answer) > LONGEST_ANSWER:
        raise LearningError(f"the answer is longer than {LONGEST_ANSWER / 1e6:g} MB")
    if code < 0:
        raise LearningError(f"the planner was killed by signal {-code}")
    if not answer:
        raise LearningError(f"the planner ended with code {code} and no answer: {words}")
    return answer


async def _tell(pipe: asyncio.StreamWriter | None, job: bytes) -> None:
    if pipe is None:
        return
    with suppress(ConnectionError):  # it died already: its end says more
        pipe.write(job)
        await pipe.drain()
    pipe.close()


async def _hear(process: asyncio.subprocess.Process) -> bytes:
    """All it says; who says more than an answer may hold is ended."""
    heard = b""
    while process.stdout is not None and (piece := await process.stdout.read(_PIECE)):
        heard += piece
        if len(heard) > LONGEST_ANSWER:
            process.kill()
            break
    return heard


async def _last_words(pipe: asyncio.StreamReader | None) -> str:
    last = b""
    while pipe is not None and (piece := await pipe.read(_PIECE)):
        last = (last + piece)[-LAST_WORDS:]
    return " ".join(last.decode(errors="replace").split())


async def _too_heavy(process: asyncio.subprocess.Process) -> None:
    """Returns when it holds more memory than it may, and has been ended for that."""
    while _held(process.pid) <= MEMORY:  # noqa: ASYNC110 - nobody tells when it grows
        await asyncio.sleep(WEIGH_EVERY)
    with suppress(ProcessLookupError):
        process.kill()


def _held(pid: int) -> int:
    """Bytes in memory; 0 when it has just ended, or where there is no /proc."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * os.sysconf("SC_PAGESIZE")


async def _end(process: asyncio.subprocess.Process) -> None:
    """Gone, whatever it was doing; nothing that was started here outlives its job."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
    with suppress(TimeoutError):  # it hangs in the disk: equipment must not wait for that to be given back
        async with asyncio.timeout(LAST_BREATH):
            await process.wait()
