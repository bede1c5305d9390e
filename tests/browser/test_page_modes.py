"""Modes, probation and the shadow comparison on a phone of 360 px: what an engineer in the plant room taps."""

from __future__ import annotations

import os

import pytest
from playwright.async_api import expect

from agent.console.views import ProbationView
from tests.browser.test_page import SIZES, Wall, browser, enter, wall  # noqa: F401 - fixtures

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]

PICTURES = os.environ.get("PLANTROOM_PICTURES")  # a folder, for whoever wants to look


async def picture(page, name: str) -> None:
    if PICTURES:
        await page.screenshot(path=f"{PICTURES}/{name}.png")


async def fits(page) -> bool:
    inside = "document.querySelector('dialog .inside')?.scrollWidth ?? 0"
    width = await page.evaluate(f"Math.max(document.documentElement.scrollWidth, {inside})")
    return width <= SIZES["phone"][0]


async def test_a_mode_is_chosen_after_a_look_at_what_it_changes_and_ended_again(wall: Wall) -> None:  # noqa: F811
    page = await wall.visit("phone")
    bar = page.locator(".card.shadow .modes")
    await expect(bar.locator(".standing")).to_contain_text("No mode")
    await bar.get_by_role("radio", name="Energy saving").click()
    dialog = page.locator("dialog.box")
    await expect(dialog.locator(".changes")).to_contain_text("60 → 75 %")
    await expect(dialog.locator(".changes")).to_contain_text("on → off")
    assert await fits(page)
    await picture(page, "mode-preview")
    await dialog.locator("select[name=seconds]").select_option("28800")
    await dialog.locator("input[name=reason]").fill("a warm week")
    await dialog.locator("button.main").click()
    assert wall.console.calls == []  # nobody is logged in yet
    await enter(page, wall.server.setup_code)
    await expect(bar.locator(".standing")).to_contain_text("Energy saving by wang, 8 h left: a warm week")
    await expect(bar.get_by_role("radio", name="Energy saving")).to_have_attribute("aria-checked", "true")
    assert wall.console.calls == [("mode", "plant", "energy_saving", 28800.0, "user:wang", "a warm week")]
    await bar.scroll_into_view_if_needed()
    assert await fits(page)
    await picture(page, "mode-holds")
    await bar.get_by_role("button", name="End now").click()
    await page.fill("dialog.box input[name=reason]", "over")
    await page.click("dialog.box button.main")
    await expect(bar.locator(".standing")).to_contain_text("No mode")
    assert wall.console.calls[-1] == ("end_mode", "plant", "user:wang", "over")


async def test_shadow_shows_is_beside_would_and_the_saving_with_its_interval(wall: Wall) -> None:  # noqa: F811
    page = await wall.visit("phone")
    await page.get_by_role("button", name="Compare with what was").click()
    await page.locator("dialog select[name=days]").select_option("7")
    await page.locator("dialog").get_by_role("button", name="Compare", exact=True).click()
    await enter(page, wall.server.setup_code)
    row = page.locator('[data-compared="lamps.level_2"]')
    await expect(row).to_contain_text("100 %")
    await expect(row).to_contain_text("32.5 %")
    await expect(page.locator("dialog .sentence")).to_contain_text("61.3 kWh a day (57.9 to 64.4)")
    assert wall.console.calls == [("shadow", "plant", 7.0)]
    assert await fits(page)
    await picture(page, "shadow")


async def test_a_parameter_on_probation_says_whose_it_is_and_can_be_taken_back(wall: Wall) -> None:  # noqa: F811
    page = await wall.visit("phone")
    await page.click("summary:has-text('lights')")
    tuned = page.locator(".tuned")
    await expect(tuned).to_contain_text("on probation")
    await expect(tuned).to_contain_text("by li; site file: 60 s")
    assert await fits(page)
    await picture(page, "probation")
    await tuned.get_by_role("button", name="Take back").click()
    await page.fill("dialog.box input[name=reason]", "lamps went out on people")
    await page.click("dialog.box button.main")
    await enter(page, wall.server.setup_code)
    await expect(page.locator("dialog")).to_have_count(0)
    assert wall.console.calls == [("undo", "t7", "user:wang", "lamps went out on people")]


async def test_a_site_file_on_probation_stands_above_all_until_it_is_kept(wall: Wall) -> None:  # noqa: F811
    console = wall.console
    console.probation = ProbationView(
        owner="local:li", reason="brighter aisles", until=console.clock() + 840.5, crashes=1
    )
    page = await wall.visit("phone")
    banner = page.locator("main > .banner.trial")
    await expect(banner).to_contain_text("A new site file by li is on probation; at ")
    await expect(banner.locator(".countdown")).to_contain_text("13 min")
    await expect(banner).to_contain_text("brighter aisles")
    await expect(banner).to_contain_text("fell over once")
    await expect(banner.locator("code")).to_have_text(["plantroom apply --keep", "plantroom apply --back"])
    assert await fits(page)
    await picture(page, "site-probation")
    console.probation = None
    console._tell({"type": "health"})
    await expect(banner).to_have_count(0)
