"""The web server: one small application on TCP for people and on a UNIX socket for the command line."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import ssl
import stat
import time
from pathlib import Path

from aiohttp import web

from agent.console import Console
from agent.core.site import WebSettings
from agent.web.access import Access
from agent.web.accounts import Accounts
from agent.web.answers import answer, explain_errors
from agent.web.api import CHANGING, LOOKING
from agent.web.api_site import SITE_FILE
from agent.web.api_tuning import TUNING
from agent.web.auth import Users
from agent.web.backoff import Backoff, Pace
from agent.web.door import Door
from agent.web.live import Live
from agent.web.openapi import describe
from agent.web.page import add_page, dress
from agent.web.route import Reception, Route
from agent.web.sessions import Sessions

log = logging.getLogger("plantroom.web")

USER_WAITS = 60.0  # seconds at most: a stranger who fails with my name must not lock me out for long
ADDRESS_WAITS = 900.0
BURST, RATE = 30.0, 3.0  # changes at once, and a second
SHUTDOWN = 2.0
EVENTS = "/api/events"
DOCUMENT = "/api/openapi.json"


class WebServer:
    """Serves the page, the API and its live events. `setup_code` is set only while there is no user."""

    def __init__(self, console: Console, settings: WebSettings, data_folder: Path) -> None:
        self._console = console
        self._settings = settings
        self._users = Users(data_folder / "users.json")
        self._live = Live(console)
        self._runner: web.AppRunner | None = None
        self._socket: socket.socket | None = None
        self.url = ""

    @property
    def setup_code(self) -> str | None:
        return self._users.setup_code

    async def start(self) -> None:
        """Raises OSError when an address is taken, ssl.SSLError for a bad certificate; leaves nothing behind."""
        await self._users.load()
        context = await asyncio.to_thread(_tls, self._settings)
        runner = web.AppRunner(
            self._application(context is not None),
            access_log=None,
            handle_signals=False,
            shutdown_timeout=SHUTDOWN,
            keepalive_timeout=30.0,
        )
        self._runner = runner
        try:
            await runner.setup()
            self._socket = _bind(Path(self._settings.socket))
            await web.SockSite(runner, self._socket).start()
            site = web.TCPSite(runner, self._settings.host, self._settings.port, ssl_context=context)
            await site.start()
        except BaseException:
            await self.stop()
            raise
        self.url = f"{'https' if context else 'http'}://{_shown(self._settings.host)}:{site.port}"
        log.info("page on %s, command line on %s", self.url, self._settings.socket)

    async def stop(self) -> None:
        """Ends live streams first, so that nobody waits for them. May be called twice."""
        await self._live.stop()
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()
        if self._socket is not None:
            self._socket = None
            _unlink(self._settings.socket)

    def _application(self, secure: bool) -> web.Application:
        app = dress(secure)
        app.middlewares.append(explain_errors)
        cookie = f"plantroom_{self._settings.port}"  # browsers do not keep the cookies of two ports apart
        clock = time.monotonic
        sessions = Sessions(clock)
        reception = Reception(self._console, sessions, Pace(BURST, RATE, clock), cookie)
        backoffs = (Backoff(USER_WAITS, clock), Backoff(ADDRESS_WAITS, clock))
        door = Door(self._users, sessions, cookie, secure, backoffs)
        people = (*door.routes(), *Accounts(self._users, sessions).routes())
        routes = (*LOOKING, *CHANGING, *TUNING, *SITE_FILE, *people)
        for route in routes:
            app.router.add_route(route.method, route.path, reception.serve(route))
        self._add_events(app, reception)
        self._add_document(app, reception, routes)
        add_page(app)
        return app

    def _add_events(self, app: web.Application, reception: Reception) -> None:
        async def stream(request: web.Request) -> web.StreamResponse:
            reception.admit(Access.LOOK, request)
            return await self._live.stream(request)

        app.router.add_get(EVENTS, stream, allow_head=False)

    def _add_document(self, app: web.Application, reception: Reception, routes: tuple[Route, ...]) -> None:
        async def show(request: web.Request) -> web.StreamResponse:
            reception.admit(Access.LOOK, request)
            return answer(describe(routes, self._console.health().version))

        app.router.add_get(DOCUMENT, show)


def _tls(settings: WebSettings) -> ssl.SSLContext | None:
    if settings.certificate is None or settings.key is None:
        if settings.certificate or settings.key:
            raise ValueError("the page needs both a certificate and its key, or neither")
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(settings.certificate, settings.key)
    return context


def _bind(path: Path) -> socket.socket:
    """A UNIX socket that only this user may open. Takes the place of a dead agent's socket, never of a live one's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_stale(path)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)  # no instant in which others could connect
    try:
        bound.bind(str(path))
    except BaseException:
        bound.close()
        raise
    finally:
        os.umask(before)
    bound.setblocking(False)
    return bound


def _remove_stale(path: Path) -> None:
    try:
        kind = path.stat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(kind):
        raise OSError(f"{path} is in the way: it is not a socket")
    probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    probe.settimeout(1.0)
    try:
        probe.connect(str(path))
    except ConnectionRefusedError:
        path.unlink()
        return
    finally:
        probe.close()
    raise OSError(f"another agent answers on {path}")


def _unlink(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        Path(path).unlink()


def _shown(host: str) -> str:
    if host in ("", "0.0.0.0", "::"):  # noqa: S104 - only how it is printed
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
