"""A process beside the agent that does one job: started, told, heard, weighed and ended; one answer and no more than it may hold.

The planner and the preview are such processes. The box has a plant to run, so none of them outlives its job, its deadline or its
share of the memory, and what goes wrong is one sentence. What such a process does on its own side stands in agent.control.side_work.
"""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from agent.core.errors import PlantroomError

ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
LAST_BREATH = 2.0  # real seconds from the kill to the end
WEIGH_EVERY = 0.2  # real seconds
LAST_WORDS = 400  # characters of what it wrote on standard error
_PIECE = 65_536


class SideProcessError(PlantroomError):
    """No answer: it could not be started, was too slow, too big or too talkative, or died."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SideProcess:
    """One kind of them, and within what it has to stay."""

    name: str  # as people call it
    module: str  # run with `python -m`
    memory: int  # bytes held
    longest_answer: int  # bytes
    mend: str = ""  # what whoever asked can do when it was too much

    async def ask(self, job: bytes, deadline: float) -> bytes:
        """The answer. `deadline` in real seconds. Raises SideProcessError."""
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", self.module),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=os.environ | ONE_THREAD | {"MALLOC_ARENA_MAX": "1"},
                start_new_session=True,  # Ctrl-C is the agent's affair
            )
        except OSError as error:
            raise SideProcessError(f"the {self.name} cannot be started: {error}") from error
        scales = asyncio.create_task(_too_heavy(process, self.memory))
        try:
            async with asyncio.timeout(deadline):
                _, answer, words = await asyncio.gather(
                    _tell(process.stdin, job),
                    _hear(process, self.longest_answer),
                    _last_words(process.stderr),
                )
                code = await process.wait()
        except TimeoutError as error:
            raise self._too_much(f"no result within {deadline:g} s") from error
        finally:
            scales.cancel()
            await _end(process)
        if scales.done() and not scales.cancelled():
            held = f"the {self.memory >> 20} MiB of memory that the {self.name} may have"
            raise self._too_much(f"it needed more than {held}")
        if len(answer) > self.longest_answer:
            raise self._too_much(f"the answer is longer than {self.longest_answer / 1e6:g} MB")
        if code < 0:
            raise SideProcessError(f"the {self.name} was killed by signal {-code}")
        if not answer:
            raise SideProcessError(f"the {self.name} ended with code {code} and no answer: {words}")
        return answer

    def _too_much(self, what: str) -> SideProcessError:
        return SideProcessError(f"{what}: {self.mend}" if self.mend else what)


async def _tell(pipe: asyncio.StreamWriter | None, job: bytes) -> None:
    if pipe is None:
        return
    with suppress(ConnectionError):  # it died already: its end says more
        pipe.write(job)
        await pipe.drain()
    pipe.close()


async def _hear(process: asyncio.subprocess.Process, longest: int) -> bytes:
    """All it says; who says more than an answer may hold is ended."""
    heard = bytearray()
    while process.stdout is not None and (piece := await process.stdout.read(_PIECE)):
        heard += piece
        if len(heard) > longest:
            process.kill()
            break
    return bytes(heard)


async def _last_words(pipe: asyncio.StreamReader | None) -> str:
    last = b""
    while pipe is not None and (piece := await pipe.read(_PIECE)):
        last = (last + piece)[-LAST_WORDS:]
    return " ".join(last.decode(errors="replace").split())


async def _too_heavy(process: asyncio.subprocess.Process, memory: int) -> None:
    """Returns when it holds more memory than it may, and has been ended for that."""
    while _held(process.pid) <= memory:  # noqa: ASYNC110 - nobody tells when it grows
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
