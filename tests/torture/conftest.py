"""The full forms take hours: they run when asked for by their marker, `make torture` or `pytest -m torture`."""

import shutil
import tempfile
from pathlib import Path

import pytest


def pytest_collection_modifyitems(config, items):
    if "torture" in config.getoption("markexpr"):
        return
    full = [item for item in items if item.get_closest_marker("torture")]
    if full:
        config.hook.pytest_deselected(items=full)
        items[:] = [item for item in items if item not in full]


@pytest.fixture
def fast_folder(tmp_path_factory):
    """A folder where a sync costs nothing; what it is worth is judged from the trace, not from the disk."""
    memory = Path("/dev/shm")
    if not memory.is_dir():
        yield tmp_path_factory.mktemp("cut")
        return
    made = Path(tempfile.mkdtemp(prefix="plantroom-cut-", dir=memory))
    yield made
    shutil.rmtree(made)
