"""The API over a real socket, with the fake plant behind it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agent.core.equipment import Authority
from agent.web import page
from tests.web.conftest import Caller, Site

pytestmark = pytest.mark.integration

LOOKS = (
    "/api/health",
    "/api/areas",
    "/api/points",
    "/api/points?pattern=ch1.*&limit=3",
    "/api/points/ch1.load",
    "/api/points/ch1.enable/why",
    "/api/points/ch1.load/history?since=1000&until=2000&limit=10",
    "/api/learned",
    "/api/learned/shed",
    "/api/overrides",
    "/api/alarms",
    "/api/session",
    "/api/openapi.json",
)


@pytest.mark.parametrize("path", LOOKS)
async def test_a_visitor_may_look(visitor: Caller, path: str) -> None:
    status, answer = await visitor.ask("GET", path)
    assert status == 200
    assert answer is not None


async def test_what_was_learned_is_shown_and_learning_is_asked_for(
    site: Site, visitor: Caller, operator: Caller
) -> None:
    _, learned = await visitor.ask("GET", "/api/learned")
    assert [(one["policy"], one["state"], one["content"]) for one in learned] == [
        ("shed", "learned", None),
        ("reset", "failing", None),
    ]
    _, one = await visitor.ask("GET", "/api/learned/shed")
    assert one["content"] == {"kw": [310.0, None]}
    status, _ = await visitor.ask("POST", "/api/policies/shed/learn", {"reason": "x"})
    assert status == 401
    status, asked = await operator.ask("POST", "/api/policies/shed/learn", {"reason": "new meter"})
    assert (status, asked["policy"]) == (200, "shed")
    assert site.console.calls == [("learn", "shed", None, "user:wang", "new meter")]


async def test_what_is_shown_is_what_the_console_says(site: Site, visitor: Caller) -> None:
    _, points = await visitor.ask("GET", "/api/points?pattern=ch1.*")
    assert [point["id"] for point in points] == [point.id for point in site.console.points("ch1.*")]
    _, why = await visitor.ask("GET", "/api/points/ch1.chws_setpoint/why")
    assert why["authority"] == "shadow"
    assert why["sentence"] == site.console.why("ch1.chws_setpoint").sentence
    assert [claim["priority"] for claim in why["claims"]] == [9, 15]
    _, areas = await visitor.ask("GET", "/api/areas")
    assert [area["id"] for area in areas] == ["plant", "garage"]
    _, history = await visitor.ask("GET", "/api/points/ch1.load/history?since=0&until=100&limit=5")
    assert len(history) == 5
    assert history[0] == [0.0, None, "good"]


async def test_a_cut_list_says_how_many_there_are(site: Site, visitor: Caller) -> None:
    async with visitor.http.get(f"{visitor.url}/api/points?limit=2") as response:
        assert len(await response.json()) == 2
        assert int(response.headers["X-Total-Count"]) == len(site.console.points())


CHANGES = (
    ("POST", "/api/points/ch1.load/read", None),
    ("POST", "/api/points/ch1.enable/write", {"value": False, "reason": "test"}),
    ("POST", "/api/points/ch1.enable/override", {"value": False, "seconds": 60, "reason": "test"}),
    ("DELETE", "/api/overrides/o1", None),
    ("POST", "/api/areas/plant/authority", {"authority": "agent", "reason": "test"}),
    ("POST", "/api/release", {"reason": "test"}),
    ("POST", "/api/equipment/chiller_1/lock-out", {"locked": True, "reason": "test"}),
    ("POST", "/api/alarms/bms-3/acknowledge", None),
    ("POST", "/api/policies/shed/parameters/shed_below", {"value": 55, "reason": "test"}),
    ("POST", "/api/users", {"user": "li", "password": "twelve letters ok"}),
    ("DELETE", "/api/users/wang", None),
    ("GET", "/api/audit", None),
    ("GET", "/api/users", None),
)


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
async def test_a_visitor_may_not_change_or_read_names(
    site: Site, visitor: Caller, method: str, path: str, body: dict | None
) -> None:
    status, answer = await visitor.ask(method, path, body)
    assert status == 401
    assert "log in" in answer["error"]
    assert site.console.calls == []


async def test_every_change_reaches_the_console_with_its_actor_and_reason(
    site: Site, operator: Caller
) -> None:
    for method, path, body in CHANGES[:3]:
        status, answer = await operator.ask(method, path, body)
        assert status == 200, answer
    _, overrides = await operator.ask("GET", "/api/overrides")
    assert overrides[0]["command"]["value"] is False
    assert overrides[0]["owner"] == "user:wang"
    for method, path, body in (("DELETE", f"/api/overrides/{overrides[0]['id']}", None), *CHANGES[4:9]):
        status, answer = await operator.ask(method, path, body)
        assert status == 200, answer
    whats = [(what, target, value) for what, target, value, _, _ in site.console.calls]
    assert whats == [
        ("write", "ch1.enable", False),
        ("override", "ch1.enable", False),
        ("cancel", "ch1.enable", None),
        ("authority", "plant", "agent"),
        ("authority", "plant", "bms"),
        ("authority", "garage", "bms"),
        ("lock-out", "chiller_1", True),
        ("acknowledge", "bms-3", None),
        ("tune", "shed.shed_below", 55),
    ]
    assert {actor for *_, actor, _ in site.console.calls} == {"user:wang"}
    status, audit = await operator.ask("GET", "/api/audit?limit=1")
    assert (status, audit[0]["what"]) == (200, "tune")


async def test_release_of_one_area_leaves_the_others(site: Site, operator: Caller) -> None:
    status, rows = await operator.ask("POST", "/api/release", {"area": "garage", "reason": "repair"})
    assert status == 200
    assert {row["point"] for row in rows} == {"lamps.level_a", "lamps.level_b", "lamps.level_c"}
    assert [area.authority for area in site.console.areas()] == [Authority.SHADOW, Authority.BMS]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "says"),
    [
        ("GET", "/api/points/ch1.laod", None, 404, "there is no point ch1.laod"),
        ("GET", "/api/points/ch1.load/why", None, 400, "measured, not commanded"),
        ("GET", "/api/points?limit=0", None, 400, "limit must be at least 1"),
        ("GET", "/api/points?pattern=" + "x" * 300, None, 400, "pattern is too long"),
        ("GET", "/api/points/ch1.load/history?since=2&until=1", None, 400, "since must lie before"),
        ("GET", "/api/points/" + "x" * 300, None, 404, "there is no such name"),
        ("GET", "/api/nothing", None, 404, "there is no such address"),
        ("PUT", "/api/areas", None, 405, "does not take that method"),
        ("POST", "/api/points/ch1.enable/override", {"value": True}, 400, "seconds is missing"),
        ("POST", "/api/points/ch1.enable/override", [1], 400, "JSON object"),
        ("POST", "/api/points/lamps.level_a/write", {"value": 5, "reason": "x"}, 400, "use an override"),
        ("POST", "/api/areas/plant/authority", {"authority": "me", "reason": "x"}, 400, "bms, shadow, agent"),
        ("POST", "/api/areas/plan/authority", {"authority": "bms", "reason": "x"}, 404, "no area plan"),
        ("POST", "/api/release", {"reason": " "}, 400, "reason is missing"),
        ("POST", "/api/release", {"reason": "x", "aera": "plant"}, 400, "there is no field 'aera'"),
        ("POST", "/api/release", {"reason": "x" * 20_000}, 413, "too large"),
    ],
)
async def test_mistakes_are_answered_with_a_sentence(
    operator: Caller, method: str, path: str, body: object, status: int, says: str
) -> None:
    got, answer = await operator.ask(method, path, body)
    assert got == status
    assert says in answer["error"]
    assert "Traceback" not in str(answer)


async def test_a_misspelt_point_names_the_nearest(visitor: Caller) -> None:
    _, answer = await visitor.ask("GET", "/api/points/ch1.laod")
    assert "ch1.load" in answer["nearest"]


async def test_what_is_not_json_is_refused(operator: Caller) -> None:
    headers = {"X-Plantroom-CSRF": operator.csrf or ""}
    url = f"{operator.url}/api/release"
    async with operator.http.post(url, data=b"reason=x", headers=headers) as response:
        assert response.status == 415
    headers["Content-Type"] = "application/json"
    async with operator.http.post(url, data=b'{"reason":', headers=headers) as response:
        assert response.status == 400
        assert "not JSON" in (await response.json())["error"]


async def test_a_silent_device_ends_in_a_sentence(site: Site, operator: Caller, monkeypatch) -> None:
    async def never(_: str) -> None:
        raise TimeoutError

    monkeypatch.setattr(site.console, "read", never)
    status, answer = await operator.ask("POST", "/api/points/ch1.load/read")
    assert (status, "no answer in time" in answer["error"]) == (504, True)


async def test_a_broken_console_tells_nothing_to_the_caller(
    site: Site, visitor: Caller, monkeypatch, caplog
) -> None:
    def broken() -> None:
        raise RuntimeError("inner secret")

    monkeypatch.setattr(site.console, "areas", broken)
    status, answer = await visitor.ask("GET", "/api/areas")
    assert status == 500
    assert "inner secret" not in str(answer)
    assert "inner secret" in caplog.text


@pytest.mark.parametrize("path", ["/", "/api/health", "/api/nothing", "/assets/nothing.js"])
async def test_security_headers_are_on_every_answer(visitor: Caller, path: str) -> None:
    async with visitor.http.get(visitor.url + path) as response:
        policy = response.headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["X-Frame-Options"] == "DENY"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["Server"] == "plantroom"
        assert "immutable" not in response.headers["Cache-Control"]
        if path.startswith("/api"):
            assert response.headers["Cache-Control"] == "no-store"


async def test_a_foreign_page_and_a_rebound_name_are_turned_away(visitor: Caller) -> None:
    status, _ = await visitor.ask("POST", "/api/login", {}, headers={"Origin": "http://evil.example.com"})
    assert status == 403
    status, _ = await visitor.ask("GET", "/api/points", headers={"Host": "evil.example.com"})
    assert status == 421


async def test_without_a_build_the_page_says_how_to_make_one(tmp_path: Path) -> None:
    from aiohttp.test_utils import TestClient, TestServer

    app = page.dress(secure=False)
    page.add_page(app, tmp_path)
    async with TestClient(TestServer(app)) as client, client.get("/") as response:
        text = await response.text()
        assert response.status == 503
        assert text.count("\n") == 1
        assert page.BUILD in text


async def test_built_files_are_served_with_the_right_life_time(tmp_path: Path) -> None:
    from aiohttp.test_utils import TestClient, TestServer

    await asyncio.to_thread(_build, tmp_path)
    app = page.dress(secure=True)
    page.add_page(app, tmp_path)
    async with TestClient(TestServer(app)) as client:
        async with client.get("/") as response:
            assert await response.text() == "<html>"
            assert response.headers["Cache-Control"] == "no-cache"
            assert response.headers["Strict-Transport-Security"]
        async with client.get("/assets/a-123.js") as response:
            assert "immutable" in response.headers["Cache-Control"]
            assert "javascript" in response.headers["Content-Type"]
        async with client.get("/assets/..%2findex.html") as response:
            assert response.status in (403, 404)


def _build(folder: Path) -> None:
    (folder / "assets").mkdir()
    (folder / "index.html").write_text("<html>")
    (folder / "assets" / "a-123.js").write_text("1")
