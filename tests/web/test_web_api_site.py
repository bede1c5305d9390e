"""The site file is changed on the box: neither a visitor nor an operator of the page can try, keep or take back another one."""

from __future__ import annotations

import aiohttp
import pytest

from agent.console.site_desk import SiteFileView
from agent.web.access import Access
from agent.web.api_site import SITE_FILE
from tests.web.conftest import Caller, Site

pytestmark = pytest.mark.integration

TRY = {"seconds": 900, "reason": "try"}
CHANGES = [("try", TRY), ("keep", {"reason": "well"}), ("back", {"reason": "warm"})]


class Desk:
    """What the console does with it, for the socket."""

    def __init__(self) -> None:
        self.calls: list[tuple] = []

    async def _done(self, verb: str, **said: object) -> SiteFileView:
        self.calls.append((verb, said["actor"], said["reason"]))
        return SiteFileView(file="/etc/site.yaml", data="/var", on_probation=verb == "try")

    def given_to(self, console: object) -> None:
        console.try_site = lambda **said: self._done("try", **said)
        console.keep_site = lambda **said: self._done("keep", **said)
        console.take_back_site = lambda **said: self._done("back", **said)


@pytest.mark.parametrize(("verb", "body"), CHANGES)
async def test_from_the_page_nobody_changes_it(
    site: Site, visitor: Caller, operator: Caller, verb: str, body: dict
) -> None:
    desk = Desk()
    desk.given_to(site.console)
    assert (await visitor.ask("POST", f"/api/site-file/{verb}", body))[0] == 401
    status, answer = await operator.ask("POST", f"/api/site-file/{verb}", body)
    assert (status, "on the box itself" in answer["error"]) == (403, True)
    assert desk.calls == []


async def test_over_the_socket_each_is_done_in_the_name_of_its_user(site: Site) -> None:
    desk = Desk()
    desk.given_to(site.console)
    connector = aiohttp.UnixConnector(str(site.folder / "s.sock"))
    async with aiohttp.ClientSession(connector=connector) as http:
        for verb, body in CHANGES:
            async with http.post(f"http://plantroom/api/site-file/{verb}", json=body) as response:
                assert response.status == 200
        async with http.post("http://plantroom/api/site-file/try", json=TRY | {"seconds": 5}) as response:
            assert (response.status, "at least 60" in await response.text()) == (400, True)
    assert [(verb, reason) for verb, _, reason in desk.calls] == [(v, b["reason"]) for v, b in CHANGES]
    assert all(actor.startswith("local:") for _, actor, _ in desk.calls)


def test_all_ask_for_a_change_and_a_reason() -> None:
    assert all(route.access is Access.CHANGE for route in SITE_FILE)
    assert all("reason" in {one.name for one in route.body} for route in SITE_FILE if route.method != "GET")
