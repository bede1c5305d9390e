"""Asks the running agent over its UNIX socket. Standard library only, so that a command starts fast on a small box."""

from __future__ import annotations

import http.client
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from agent.cli.exits import Exit, leave

PLACES = (
    "plantroom-data/plantroom.sock",
    "plantroom-demo/data/plantroom.sock",
    "/run/plantroom/plantroom.sock",
)
PATIENCE = 130.0  # seconds; a release of a large site is the slowest question
GRACE = 20.0  # seconds for the agent to say itself that something took too long


class _SocketConnection(http.client.HTTPConnection):
    def __init__(self, path: str, patience: float) -> None:
        super().__init__("localhost", timeout=patience)
        self._path = path
        self._patience = patience

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self._patience)
        self.sock.connect(self._path)


def find_socket(given: Path | None) -> str:
    """The agent's socket: as given, from $PLANTROOM_SOCKET, or the first usual place where one lies."""
    named = str(given) if given is not None else os.environ.get("PLANTROOM_SOCKET")
    if named:
        return named
    return next((place for place in PLACES if Path(place).is_socket()), PLACES[0])


def ask(
    given: Path | None,
    method: str,
    path: str,
    body: dict[str, Any] | None = None,
    patience: float = PATIENCE,
    **query: str | float | None,
) -> Any:
    """One question; the answer as plain values. A refusal ends the command with the agent's own sentence."""
    response = _send(given, method, path, body, query, patience)
    text = response.read()
    answer = json.loads(text) if text else None
    if response.status >= 400:
        _refused(response.status, answer)
    return answer


def quiet_ask(place: str, path: str, patience: float = 5.0) -> Any:
    """One question to a socket. Raises OSError or ValueError where no good answer comes; for who asks again."""
    connection = _SocketConnection(place, patience)
    try:
        connection.request("GET", path, None, {"X-Plantroom": "cli"})
        response = connection.getresponse()
        text = response.read()
        if response.status != http.client.OK:
            raise ValueError(f"status {response.status}")
        return json.loads(text)
    except http.client.HTTPException as error:
        raise OSError(str(error)) from error
    finally:
        connection.close()


def events(given: Path | None) -> Iterator[dict[str, Any]]:
    """The agent's live events, until the agent or the person ends it."""
    response = _send(given, "GET", "/api/events", None, {})
    if response.status >= 400:
        _refused(response.status, json.loads(response.read() or b"null"))
    while line := response.readline():
        if line.startswith(b"data:"):
            event = json.loads(line[5:])
            if isinstance(event, dict):
                yield event


def ask_long(given: Path | None, path: str, body: dict[str, Any]) -> Any:
    """One question that the agent has worked out in a process of its own, for minutes."""
    from agent.control.preview_job import DEADLINE  # a fifth of the time that other commands take to start

    return ask(given, "POST", path, body, DEADLINE + GRACE)


def part(text: str) -> str:
    """One part of an address."""
    return quote(text, safe="")


def _send(
    given: Path | None,
    method: str,
    path: str,
    body: dict[str, Any] | None,
    query: dict[str, Any],
    patience: float = PATIENCE,
) -> http.client.HTTPResponse:
    place = find_socket(given)
    wanted = {name: value for name, value in query.items() if value is not None}
    if wanted:
        path = f"{path}?{urlencode(wanted)}"
    connection = _SocketConnection(place, patience)
    headers = {"Content-Type": "application/json", "X-Plantroom": "cli"}
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        return connection.getresponse()
    except (FileNotFoundError, ConnectionError) as error:
        leave(
            Exit.NO_AGENT,
            f"no agent answers at {place} ({type(error).__name__}); start it with `plantroom run --config site.yaml`, "
            "or name its socket with --socket",
        )
    except PermissionError:
        leave(
            Exit.NO_AGENT,
            f"not allowed to open {place}; ask as the user the agent runs as (sudo -u plantroom ...)",
        )
    except TimeoutError:
        leave(Exit.NO_AGENT, f"the agent at {place} does not answer within {patience:.0f} s; it may hang")


def _refused(status: int, answer: Any) -> None:
    sentence = answer.get("error", f"status {status}") if isinstance(answer, dict) else f"status {status}"
    nearest = answer.get("nearest", []) if isinstance(answer, dict) else []
    if nearest:
        sentence = f"{sentence}; did you mean {', '.join(nearest)}?"
    leave(Exit.BAD_INPUT if status in (400, 404, 422) else Exit.FAILED, sentence)
