"""A long page on a phone: from anywhere to a machine in two touches, and straight to it by the address on its label."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.test_page import SIZES, Wall, browser, wall  # noqa: F401 - fixtures

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]


async def test_a_lane_is_two_touches_away_and_has_an_address(wall: Wall) -> None:  # noqa: F811 - the fixture
    page = await wall.visit("phone")
    lane = page.locator("#machine-aisle_c")
    assert await lane.evaluate("one => one.getBoundingClientRect().top") > SIZES["phone"][1], "far below"
    await page.locator(".places select").select_option("aisle_c")
    await expect(lane.locator("h3")).to_be_in_viewport()
    await expect(lane.locator("h3")).to_be_focused()
    assert page.url.endswith("#aisle_c")
    assert await page.evaluate("document.documentElement.scrollWidth") <= SIZES["phone"][0]
    await page.get_by_role("navigation", name="Places").get_by_role("link", name="plant").click()
    await expect(page.locator("#area-plant h2")).to_be_in_viewport()
    await page.goto(wall.server.url + "/#aisle_c")
    await page.reload()
    await expect(lane.locator("h3")).to_be_in_viewport()
    await page.goto(wall.server.url + "/#%E0%A4%A")  # no address at all
    await page.reload()
    await expect(page.locator(".connection.live")).to_be_visible()
    assert wall.complaints == []
