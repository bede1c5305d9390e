"""The UNIX socket of the command line, TLS, and starting where somebody else is already."""

from __future__ import annotations

import asyncio
import getpass
import socket
import ssl
import stat
from pathlib import Path

import aiohttp
import pytest

from agent.core.site import WebSettings
from agent.web.server import WebServer
from hil.certificates import Authority
from tests.web.conftest import PASSWORD, Site
from tests.web.fake_console import FakeConsole

pytestmark = pytest.mark.integration


def make_server(folder: Path, **settings: object) -> WebServer:
    chosen = {"port": 0, "socket": str(folder / "s.sock"), **settings}
    return WebServer(FakeConsole(), WebSettings(**chosen), folder)


async def test_the_socket_trusts_its_user_without_a_login(site: Site) -> None:
    path = str(site.folder / "s.sock")
    async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(path)) as http:
        async with http.post("http://plantroom/api/release", json={"reason": "from the shell"}) as response:
            assert response.status == 200
        async with http.get("http://plantroom/api/session") as response:
            assert (await response.json())["actor"] == f"local:{getpass.getuser()}"
        async with http.get("http://plantroom/api/audit") as response:
            assert response.status == 200
        for _ in range(60):  # a script is not slowed down
            async with http.post("http://plantroom/api/points/ch1.load/read") as response:
                assert response.status == 200
    assert site.console.calls[0][3:] == (f"local:{getpass.getuser()}", "from the shell")


async def test_who_lost_the_password_can_add_a_user_over_the_socket(site: Site) -> None:
    path = str(site.folder / "s.sock")
    async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(path)) as http:
        body = {"user": "wang", "password": PASSWORD}
        async with http.post("http://plantroom/api/users", json=body) as response:
            assert response.status == 200
    assert site.server.setup_code is None
    visitor = site.visitor()
    assert await visitor.log_in() == 200
    await visitor.http.close()


async def test_the_socket_is_private_and_goes_away(tmp_path: Path) -> None:
    server = make_server(tmp_path)
    await server.start()
    path = tmp_path / "s.sock"
    assert stat.S_IMODE(mode(path)) == 0o600
    await server.stop()
    await server.stop()
    assert mode(path) == 0


def mode(path: Path) -> int:
    return path.stat().st_mode if path.exists() else 0


async def test_a_dead_agents_socket_is_replaced(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "s.sock"))
    server = make_server(tmp_path)
    await server.start()
    await server.stop()


async def test_a_living_agents_socket_and_port_are_left_alone(site: Site, tmp_path: Path) -> None:
    second = make_server(site.folder)
    with pytest.raises(OSError, match="another agent answers"):
        await second.start()
    port = int(site.server.url.rpartition(":")[2])
    third = make_server(tmp_path, socket=str(tmp_path / "other.sock"), port=port)
    with pytest.raises(OSError, match="address already in use"):
        await third.start()
    assert mode(tmp_path / "other.sock") == 0
    visitor = site.visitor()
    assert (await visitor.ask("GET", "/api/health"))[0] == 200
    await visitor.http.close()


async def test_a_file_in_the_way_is_not_deleted(tmp_path: Path) -> None:
    await asyncio.to_thread((tmp_path / "s.sock").write_text, "mine")
    with pytest.raises(OSError, match="not a socket"):
        await make_server(tmp_path).start()
    assert await asyncio.to_thread((tmp_path / "s.sock").read_text) == "mine"


async def test_with_a_certificate_the_page_speaks_tls_only(tmp_path: Path) -> None:
    authority = await asyncio.to_thread(Authority, tmp_path / "pki")
    pair = await asyncio.to_thread(authority.server, "box")
    server = make_server(tmp_path, certificate=str(pair.certificate), key=str(pair.key))
    await server.start()
    assert server.url.startswith("https://")
    url = server.url.replace("127.0.0.1", "localhost")
    trust = ssl.create_default_context(cafile=authority.certificate)
    body = {"code": server.setup_code, "user": "wang", "password": PASSWORD}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust)) as http:
        async with http.post(f"{url}/api/setup", json=body) as response:
            assert response.status == 200
            assert "Secure" in response.headers["Set-Cookie"]
            assert response.headers["Strict-Transport-Security"]
        with pytest.raises(aiohttp.ClientError):
            await http.get(url.replace("https", "http") + "/api/health")
    await server.stop()


async def test_half_a_certificate_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="both a certificate and its key"):
        await make_server(tmp_path, certificate="box.pem").start()
