"""What keeps the process small: large pieces and empty pages go back, and what start has made is not looked through again."""

import ctypes
import gc
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

from agent.app import memory

GROW = """
import sys
from pathlib import Path
from agent.app.memory import tame, trim
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
if sys.argv[1] == "tamed":
    tame()
holes = [[bytearray(60_000) for _ in range(2)] for _ in range(1_000)]  # 120 MB, every other piece stays
before = resident()
for pair in holes:
    del pair[0]
held = resident()
trim()
print(before, held, resident())
"""


def test_what_start_has_made_is_set_aside_and_an_earlier_turn_is_not_kept():
    class Turn:
        pass

    usual = gc.get_threshold()
    try:
        turn = Turn()
        turn.itself, seen = turn, weakref.ref(turn)
        memory.settle()
        assert gc.get_freeze_count() > 1_000
        del turn
        gc.collect()
        assert seen() is not None  # not looked through
        memory.settle()
        assert seen() is None
    finally:
        memory.unsettle()
    assert gc.get_freeze_count() == 0
    assert gc.get_threshold() == usual


def test_another_library_of_c_is_no_error(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    memory.tame()
    memory.trim()


@pytest.mark.integration
def test_empty_pages_in_the_middle_of_the_heap_go_back():
    ended = subprocess.run(
        [sys.executable, "-c", GROW, "tamed"],
        capture_output=True, text=True, check=True, timeout=60, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    before, held, after = map(int, ended.stdout.split())
    assert held > before - 10_000_000  # glibc keeps them: the other half lies above
    assert after < before - 40_000_000
