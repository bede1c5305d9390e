"""A past for learners on the disk, and which planners this process has running."""

from collections.abc import Iterable
from pathlib import Path

from agent.core.reading import ReadingBlock
from agent.core.site import StoreSettings
from agent.telemetry.store import Store


async def keep(path: Path, blocks: Iterable[ReadingBlock]) -> None:
    """A store that holds these blocks."""
    store = await Store.open(StoreSettings(path=str(path)), site="x", now=lambda: 1_784_656_800.0)
    for block in blocks:
        store.append(block)
    await store.close()


def children() -> list[int]:
    """Planners that this process has started and that still run."""
    found = [path.read_text().split() for path in Path("/proc/self/task").glob("*/children")]
    return [int(one) for some in found for one in some if _is_planner(int(one))]


def _is_planner(pid: int) -> bool:
    try:
        return b"agent.planner" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
