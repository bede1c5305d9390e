"""The drill's eyes and its voice: what the agent shows, what the person says. All talk goes to stderr, the result to stdout."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from agent.cli.client import ask, find_socket, part
from agent.cli.drill_record import Check
from agent.cli.exits import Exit, leave

EVERY = 0.5  # seconds between looks


class Eyes:
    """The running agent, looked at over its socket."""

    def __init__(self, given: Path | None) -> None:
        self._given = given

    def answers(self) -> bool:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(2.0)
            return line.connect_ex(find_socket(self._given)) == 0

    def health(self) -> dict[str, Any]:
        return dict(ask(self._given, "GET", "/api/health"))

    def areas(self) -> dict[str, dict[str, Any]]:
        return {one["id"]: one for one in ask(self._given, "GET", "/api/areas")}

    def point(self, id_: str) -> dict[str, Any]:
        return dict(ask(self._given, "GET", f"/api/points/{part(id_)}"))

    def qualities(self, points: Iterable[str]) -> dict[str, str]:
        wanted = set(points)
        return {
            one["id"]: one["quality"] for one in ask(self._given, "GET", "/api/points") if one["id"] in wanted
        }

    def overrides(self) -> set[str]:
        """Ids of those that stand."""
        return {one["id"] for one in ask(self._given, "GET", "/api/overrides")}

    def alarms(self) -> set[str]:
        """Ids of those that stand."""
        return {one["id"] for one in ask(self._given, "GET", "/api/alarms") if one["cleared"] is None}


class Person:
    """Who watches, and does the cutting. Answers come by lines of stdin."""

    def confirm(self, what: str) -> bool:
        """Enter: done. False: to be skipped."""
        return self._answer(f"{what}\n  [Enter: done, s: skip] ") != "s"

    def saw(self, promise: str) -> Check:
        """A promise that only a person on the spot can see kept."""
        answer = self._answer(f"{promise} Did it? [y/n, Enter: cannot say] ")
        return Check(promise, {"y": True, "n": False}.get(answer[:1]), "said by the person on the spot")

    def tell(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    def _answer(self, question: str) -> str:
        print(question, end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line:
            leave(Exit.FAILED, "the drill was broken off: nobody answers any more; put back what was cut")
        return line.strip().lower()


def until(promise: str, holds: Callable[[], bool], patience: float) -> Check:
    """The promise, kept within so many seconds or not."""
    began = time.monotonic()
    while True:
        if holds():
            return Check(promise, ok=True, seen=f"after {time.monotonic() - began:.0f} s")
        if time.monotonic() - began > patience:
            return Check(promise, ok=False, seen=f"not within {patience:.0f} s")
        time.sleep(EVERY)


def goes_on(eyes: Eyes, before: dict[str, dict[str, Any]], patience: float) -> Check:
    """Every area ticks from now on, in the same hands as `before`, and none of its policies fails."""
    start = eyes.areas()

    def well() -> bool:
        now = eyes.areas()
        return all(
            now[id_]["ticks"] > start[id_]["ticks"] + 1
            and now[id_]["authority"] == one["authority"]
            and not now[id_]["faults"]
            for id_, one in before.items()
        )

    return until("control goes on in every area, in the same hands", well, patience)
