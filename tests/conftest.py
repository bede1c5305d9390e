"""Rules for every test: unit tests open no sockets; only tests marked `integration` may."""

import socket

import pytest


@pytest.fixture(autouse=True)
def _no_sockets_in_unit_tests(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.node.get_closest_marker("integration"):
        return

    def refuse(sock: socket.socket, address: object) -> None:
        raise RuntimeError(
            f"a unit test must not open a socket ({address}); mark it `integration` if it has to"
        )

    for verb in ("connect", "connect_ex", "bind"):
        monkeypatch.setattr(socket.socket, verb, refuse)
