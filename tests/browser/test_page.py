"""The page in a real browser, on the fake plant: what a person on site sees and does."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from agent.console import AlarmView
from agent.core.equipment import Authority
from agent.core.site import WebSettings
from agent.web import live
from agent.web.page import BUILD, STATIC
from agent.web.server import WebServer
from tests.web.fake_console import FakeConsole

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]

PASSWORD = "correct horse staple"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SIZES = {"phone": (360, 740), "desktop": (1280, 900)}
SET_POINT = '[data-point="ch1.chws_setpoint"]'


@dataclass
class Wall:
    """A running server and what its visitors' browsers complained about."""

    server: WebServer
    console: FakeConsole
    folder: Path
    browser: Browser
    complaints: list[str] = field(default_factory=list)
    addresses: set[str] = field(default_factory=set)

    async def visit(self, size: str = "desktop", locale: str = "en-GB") -> Page:
        width, height = SIZES[size]
        context = await self.browser.new_context(viewport={"width": width, "height": height}, locale=locale)
        page = await context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda line: self.complaints.append(line.text) if line.type == "error" else None)
        page.on("request", lambda request: self.addresses.add(request.url.split("/")[2]))
        await page.goto(self.server.url)
        await expect(page.locator(".connection.live")).to_be_visible()
        return page


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all tests here: starting it is the slow part."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("chromium is not installed")
    assert (STATIC / "index.html").is_file(), f"build the page first: {BUILD}"
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="module")
async def wall(browser: Browser, tmp_path: Path) -> AsyncIterator[Wall]:
    console = FakeConsole(step=0.3)
    server = WebServer(console, WebSettings(port=0, socket=str(tmp_path / "s.sock")), tmp_path)
    await server.start()
    wall = Wall(server, console, tmp_path, browser)
    yield wall
    for context in browser.contexts:
        await context.close()
    await wall.server.stop()


async def enter(page: Page, code: str | None, user: str = "wang", password: str = PASSWORD) -> None:
    if code is not None:
        await page.fill("input[name=code]", code)
    await page.fill("input[name=user]", user)
    await page.fill("input[name=password]", password)
    await page.click("dialog.box:has(input[name=password]) button.main")


async def give_reason(page: Page, reason: str) -> None:
    await page.fill("dialog.box input[name=reason]", reason)
    await page.click("dialog.box button.main")


@pytest.mark.parametrize("size", SIZES)
async def test_from_set_up_code_to_release(wall: Wall, size: str) -> None:
    page = await wall.visit(size)
    assert await page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
    await page.click(SET_POINT)
    await expect(page.locator(".sentence")).to_contain_text("by reset: No valve asks for colder water")
    await expect(page.locator(".chart canvas")).to_be_visible()
    assert await page.evaluate("document.querySelector('dialog .inside').scrollWidth") <= SIZES[size][0]
    await expect(page.locator("form.override select[name=seconds]")).to_have_value("7200")
    await page.fill("form.override input[name=value]", "8.5")
    await page.fill("form.override input[name=reason]", "Complaint on floor 3")
    await page.click("form.override button.main")
    assert wall.console.calls == []  # nobody is logged in yet
    await enter(page, wall.server.setup_code)
    await expect(page.locator("dialog .banner.held")).to_contain_text("wang holds")
    await expect(page.locator(".sentence")).to_contain_text("Complaint on floor 3")
    await expect(page.locator("tr.wins")).to_contain_text("8.5 °C")
    assert wall.console.calls == [("override", "ch1.chws_setpoint", 8.5, "user:wang", "Complaint on floor 3")]
    await page.keyboard.press("Escape")
    await expect(page.locator(f"{SET_POINT} .set")).to_contain_text("Held at 8.5 °C")
    await expect(page.locator("main > .banner.held")).to_contain_text(re.compile(r"2 h left|1 h 59 min left"))
    await page.click("header .release")
    await give_reason(page, "going home")
    await expect(page.locator(".result .failed")).to_contain_text("lamps.level_c: NOT RELEASED")
    await page.click("dialog.box button.main")
    for area in wall.console.areas():
        assert area.authority is Authority.BMS
    await expect(page.locator("[role=radio][aria-checked=true]")).to_have_text(["● BMS", "● BMS"])
    await page.click("main > .banner.held button")
    await expect(page.locator(".banner.held")).to_have_count(0)
    assert wall.console.overrides() == []
    assert wall.complaints == []
    assert wall.addresses == {wall.server.url.split("/")[2]}  # nothing from anywhere else


async def test_wrong_password_is_said_and_nothing_changes(wall: Wall) -> None:
    page = await wall.visit()
    await page.click("text=Set up")
    await enter(page, wall.server.setup_code)
    await page.click("text=Log out (wang)")
    await page.locator("section.card").first.get_by_role("radio", name="Agent").click()
    await give_reason(page, "try")
    await enter(page, None, password="not this password")
    await expect(page.locator("dialog .problem")).to_contain_text("user or password is wrong")
    assert wall.console.calls == []
    await enter(page, None)
    await expect(page.locator("section.card").first).to_contain_text("Since")
    await expect(page.locator("[role=radio][aria-checked=true]").first).to_have_text("● Agent")
    assert wall.console.calls == [("authority", "plant", "agent", "user:wang", "try")]


async def test_a_lost_connection_is_plain_and_heals(wall: Wall) -> None:
    page = await wall.visit("phone")
    await page.click(SET_POINT)
    await wall.server.stop()
    await expect(page.locator("dialog .banner.lost")).to_contain_text("All values below are old")
    await page.keyboard.press("Escape")
    await expect(page.locator("main > .banner.lost")).to_contain_text("All values below are old")
    await expect(page.locator(".connection.lost")).to_be_visible()
    opacity = "getComputedStyle(document.querySelector('.row .value')).opacity"
    assert float(await page.evaluate(opacity)) < 0.6
    port = int(wall.server.url.rpartition(":")[2])
    settings = WebSettings(port=port, socket=str(wall.folder / "s.sock"))
    wall.server = WebServer(wall.console, settings, wall.folder)
    await wall.server.start()
    await expect(page.locator(".connection.live")).to_be_visible(timeout=20_000)
    await expect(page.locator(".banner.lost")).to_have_count(0)


async def test_a_silent_connection_is_called_lost(wall: Wall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MERGE_SECONDS", 3_600.0)  # nothing arrives, and nothing is closed either
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 3_600.0)
    page = await wall.visit()
    await page.clock.install()
    await page.route("**/api/events", lambda route: route.abort())
    await page.clock.fast_forward(13_000)
    await expect(page.locator(".banner.lost")).to_be_visible()


async def test_bad_and_old_values_are_marked_in_words(wall: Wall) -> None:
    page = await wall.visit()
    await page.click("summary:has-text('Other points')")
    row = page.locator('[data-point="bms.zone_3_temp"]')
    await expect(row.locator(".mark")).to_have_text("✕ BAD")
    await expect(row.locator(".age.old")).to_have_text(re.compile(r"^[45] min old$"))
    doubtful = page.locator('[data-point="ch2.chwr_temp"]')
    await expect(doubtful.locator(".mark")).to_have_text("? uncertain")
    await expect(page.locator('[data-point="ch1.load"] .mark')).to_have_count(0)


async def test_values_move_without_loading_the_page_again(wall: Wall) -> None:
    page = await wall.visit()
    value = page.locator('[data-point="pm1.power"] .value')
    before = await value.inner_text()
    await expect(value).not_to_have_text(before)


async def test_shadow_says_would_and_agent_says_set(wall: Wall) -> None:
    page = await wall.visit()
    await expect(page.locator(f"{SET_POINT} .set")).to_contain_text("Would set 7 °C")
    await expect(page.locator('[data-point="lamps.level_b"] .set')).to_contain_text("Set to 60 %")


async def test_the_keyboard_is_enough(wall: Wall) -> None:
    page = await wall.visit()
    await page.locator(SET_POINT).focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("dialog.side")).to_be_visible()
    for _ in range(30):
        await page.keyboard.press("Tab")
    inside = "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
    assert await page.evaluate(inside)  # the focus never leaves the open sheet
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog")).to_have_count(0)
    assert await page.evaluate("document.activeElement.dataset.point") == "ch1.chws_setpoint"


async def test_chinese_is_one_click_away_and_remembered(wall: Wall) -> None:
    page = await wall.visit()
    await page.click("text=中文")
    await expect(page.locator("header .release")).to_have_text("全部交还")
    await page.reload()
    await expect(page.locator("header .release")).to_have_text("全部交还")
    assert await page.evaluate("document.documentElement.lang") == "zh-CN"
    chinese = await wall.visit(locale="zh-CN")
    await expect(chinese.locator("header .release")).to_have_text("全部交还")


async def test_texts_from_outside_stay_texts(wall: Wall) -> None:
    text = "<img src=x onerror=alert(1)><b>bold</b>"
    wall.console._alarms["x"] = AlarmView(
        id="a/b ?#",
        source="x",
        severity="critical",
        text=text,
        state="unacknowledged",
        raised=wall.console.started,
    )
    page = await wall.visit()
    await expect(page.locator(".alarms .line.critical")).to_contain_text(text)
    assert await page.locator(".alarms img, .alarms .line b b").count() == 0


async def test_a_parameter_is_tuned_with_a_reason(wall: Wall) -> None:
    page = await wall.visit("phone")
    await page.click("text=Set up")
    await enter(page, wall.server.setup_code)
    await expect(page.locator("dialog")).to_have_count(0)
    await page.click("summary:has-text('shed')")
    await page.locator(".parameters li", has_text="shed below").get_by_role("button").click()
    await page.fill("dialog.box input[name=value]", "55")
    await give_reason(page, "measured last week")
    await expect(page.locator(".parameters li", has_text="shed below").locator(".value")).to_have_text("55 %")
    assert wall.console.calls == [("tune", "shed.shed_below", 55, "user:wang", "measured last week")]


async def test_what_a_policy_has_learned_is_shown_with_age_and_fingerprint(wall: Wall) -> None:
    page = await wall.visit("phone")
    await page.click("summary:has-text('shed')")
    line = page.locator("details[open] .learned")
    await expect(line).to_have_text("Learned: load by time of day v1, 3 h old, fingerprint 5f3a5f3a5f3a")
    await page.click("summary:has-text('reset')")
    fault = page.locator("details[open] .problem")
    await expect(fault).to_have_text("⚠ could not learn 3 times: no result within 120 s")


async def test_a_machine_is_locked_out_and_says_so(wall: Wall) -> None:
    page = await wall.visit()
    await page.click("text=Set up")
    await enter(page, wall.server.setup_code)
    machine = page.locator(".machine", has=page.get_by_role("heading", name="Chiller 1"))
    await machine.get_by_role("button", name="Lock out").click()
    await give_reason(page, "bearing")
    await expect(machine.locator(".mark.held")).to_have_text("Locked out for maintenance")
    assert wall.console.calls == [("lock-out", "chiller_1", True, "user:wang", "bearing")]


async def test_a_point_that_fails_says_why_without_loading_the_page_again(wall: Wall) -> None:
    page = await wall.visit()
    row = page.locator('[data-point="ch1.load"]')
    await expect(row.locator(".mark")).to_have_count(0)
    point = wall.console._points["ch1.load"]
    point.quality, point.reason = "uncertain", "outside its plausible range"
    await expect(row.locator(".mark")).to_have_attribute("title", "outside its plausible range")
