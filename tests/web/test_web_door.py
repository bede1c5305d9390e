"""Logging in over a real socket: set-up, cookies, CSRF, back-off."""

from __future__ import annotations

import asyncio

import pytest

from agent.web.backoff import FREE_FAILURES
from tests.web.conftest import PASSWORD, Caller, Site

pytestmark = pytest.mark.integration

RELEASE = ("POST", "/api/release", {"reason": "test"})


async def test_set_up_happens_once(site: Site, visitor: Caller) -> None:
    code = site.server.setup_code
    assert (await visitor.ask("GET", "/api/session"))[1]["setup"] is True
    body = {"code": code, "user": "wang", "password": "short"}
    assert (await visitor.ask("POST", "/api/setup", body))[0] == 400
    body["password"] = PASSWORD
    assert (await visitor.ask("POST", "/api/setup", {**body, "code": "AAAA-BBBB-CCCC"}))[0] == 403
    assert (await visitor.ask("POST", "/api/setup", body))[0] == 200
    assert site.server.setup_code is None
    assert (await visitor.ask("POST", "/api/setup", body))[0] == 409
    assert (await visitor.ask("GET", "/api/session"))[1]["setup"] is False


async def test_set_up_codes_cannot_be_tried_at_will(site: Site, visitor: Caller) -> None:
    body = {"code": "AAAA-BBBB-CCCC", "user": "wang", "password": PASSWORD}
    for _ in range(FREE_FAILURES + 1):
        assert (await visitor.ask("POST", "/api/setup", body))[0] == 403
    assert (await visitor.ask("POST", "/api/setup", {**body, "code": site.server.setup_code}))[0] == 429


async def test_log_in_change_log_out(site: Site, operator: Caller) -> None:
    await operator.ask("POST", "/api/logout")
    assert (await operator.ask(*RELEASE))[0] == 401
    assert await operator.log_in() == 200
    assert (await operator.ask(*RELEASE))[0] == 200
    assert site.console.calls[0][3] == "user:wang"


async def test_the_cookie_is_kept_from_scripts_and_other_sites(site: Site, operator: Caller) -> None:
    body = {"user": "wang", "password": PASSWORD}
    async with operator.http.post(f"{operator.url}/api/login", json=body) as response:
        cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie  # plain HTTP here; the TLS test sees it


async def test_a_change_without_the_csrf_header_is_refused(site: Site, operator: Caller) -> None:
    operator.csrf = None
    status, answer = await operator.ask(*RELEASE)
    assert status == 403
    assert "X-Plantroom-CSRF" in answer["error"]
    operator.csrf = "made up"
    assert (await operator.ask(*RELEASE))[0] == 403
    assert site.console.calls == []


async def test_a_page_that_was_loaded_again_gets_its_token_back(operator: Caller) -> None:
    operator.csrf = None
    _, session = await operator.ask("GET", "/api/session")
    assert session["user"] == "wang"
    operator.csrf = session["csrf"]
    assert (await operator.ask(*RELEASE))[0] == 200


async def test_wrong_names_and_wrong_passwords_sound_alike(operator: Caller, visitor: Caller) -> None:
    wrong = await visitor.ask("POST", "/api/login", {"user": "wang", "password": "not this password"})
    unknown = await visitor.ask("POST", "/api/login", {"user": "nobody", "password": PASSWORD})
    assert wrong == unknown
    assert wrong[0] == 401


async def test_failing_again_and_again_must_wait_even_with_the_right_password(
    operator: Caller, visitor: Caller
) -> None:
    for _ in range(FREE_FAILURES + 1):
        assert await visitor.log_in(password="not this password") == 401
    body = {"user": "wang", "password": PASSWORD}
    async with visitor.http.post(f"{visitor.url}/api/login", json=body) as response:
        assert response.status == 429
        assert int(response.headers["Retry-After"]) >= 1
    assert (await operator.ask(*RELEASE))[0] == 200  # who is in already is not disturbed


async def test_an_old_cookie_is_dead_after_a_new_password(operator: Caller, site: Site) -> None:
    other = site.visitor()
    assert await other.log_in() == 200
    body = {"password": "wrong password", "new": "another long secret"}
    assert (await operator.ask("POST", "/api/password", body))[0] == 403
    body["password"] = PASSWORD
    status, answer = await operator.ask("POST", "/api/password", body)
    assert status == 200
    assert (await other.ask(*RELEASE))[0] == 401
    operator.csrf = answer["csrf"]
    assert (await operator.ask(*RELEASE))[0] == 200
    await other.http.close()


async def test_users_come_and_go(operator: Caller, site: Site) -> None:
    body = {"user": "li", "password": "second long secret"}
    assert await operator.ask("POST", "/api/users", body) == (200, ["wang", "li"])
    assert (await operator.ask("POST", "/api/users", body))[0] == 409
    other = site.visitor()
    assert await other.log_in("li", "second long secret") == 200
    assert (await operator.ask("DELETE", "/api/users/li"))[0] == 200
    assert (await other.ask(*RELEASE))[0] == 401
    assert (await operator.ask("DELETE", "/api/users/wang"))[0] == 400
    await other.http.close()


async def test_too_many_changes_at_once_must_wait(operator: Caller) -> None:
    answers = await asyncio.gather(*(operator.ask("POST", "/api/points/ch1.load/read") for _ in range(40)))
    statuses = [status for status, _ in answers]
    assert set(statuses) == {200, 429}
    assert statuses.count(429) >= 5
