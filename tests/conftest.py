"""Rules for every test: unit tests reach nothing outside; only tests marked `integration` may. No property is a race."""

import os
import socket
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How fast a busy machine is says nothing about the code. What decides whether a change may land (CI is set there) tries the
# same examples each time; people and `make torture` try others.
settings.register_profile(
    "house",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("house")


@pytest.fixture
def tmp_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pytest's own, with a short name: a UNIX socket's path has a hundred bytes, and test names are sentences."""
    return tmp_path_factory.mktemp("t")


@pytest.fixture(autouse=True)
def _nothing_outside_in_unit_tests(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.node.get_closest_marker("integration"):
        return

    def refuse(*wanted: object, **_: object) -> None:
        raise RuntimeError(
            f"a unit test opens no socket, terminal or process {wanted}: mark it `integration` if it has to"
        )

    for verb in ("connect", "connect_ex", "bind"):
        monkeypatch.setattr(socket.socket, verb, refuse)
    monkeypatch.setattr(os, "openpty", refuse)
    monkeypatch.setattr(subprocess.Popen, "_execute_child", refuse)
