"""The agent as `plantroom run` starts it, on a clock that runs faster: its time is the simulated site's."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from agent.app import run_agent, run_to_end
from hil.clock import ScaledClock


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(site: Path, speed: float, start: float) -> None:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    for chatty in ("asyncua", "apscheduler", "pymodbus"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    clock = ScaledClock(speed, start)
    run_to_end(run_agent(site, clock=clock, ready=say))


if __name__ == "__main__":
    main(Path(sys.argv[3]), float(sys.argv[1]), float(sys.argv[2]))
