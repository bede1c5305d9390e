"""Machines whose device came back and forgot that they were to run: may they be started again now.

Nothing is decided anew for them, so the guards over all machines of the area are asked here, and told of each such start.
"""

from __future__ import annotations

from agent.core.snapshot import Snapshot
from agent.safety.arbiter import Arbiter, SafetyState


class Restarts:
    """Those of one tick. `safety` is the memory of the arbiter with what was started again."""

    def __init__(self, arbiter: Arbiter, snapshot: Snapshot, safety: SafetyState) -> None:
        self._arbiter = arbiter
        self._snapshot = snapshot
        self.safety = safety

    def hold(self, point: str) -> str:
        """Why the machine behind this start/stop point has to wait; empty: it has not."""
        return self._arbiter.restart_hold(
            point, self._snapshot.readings, self.safety.guards, self._snapshot.elapsed
        )

    def started(self, point: str) -> None:
        self.safety = self._arbiter.restarted(self.safety, point, self._snapshot.elapsed)
