"""The page on a phone: nothing that says how far numbers can be trusted lies beyond the edge or under something."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser

WIDTH = 390


@pytest.fixture
def page(watched: Watched) -> Page:
    """The page as a phone shows it, at a site with hidden counts."""
    watched.page.set_viewport_size({"width": WIDTH, "height": 844})
    return watched.open("?platform=soop")


@pytest.mark.parametrize("width", [360, WIDTH, 768])
def test_the_ranking_shows_coverage_and_known_share_without_scrolling_sideways(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    for name in ("ranking", "live"):
        frame = page.locator(f"#{name}").locator("xpath=..")
        assert frame.evaluate("frame => frame.scrollWidth - frame.clientWidth") <= 0, name
    expect(page.locator("#ranking .coverage-share").first).to_be_visible()
    expect(page.locator("#ranking .mark-hidden").first).to_be_visible()


def test_that_the_data_is_simulated_is_told_within_the_width(page: Page) -> None:
    box = page.locator("#data-kind").bounding_box()

    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= WIDTH


def test_what_a_search_finds_lies_over_the_page(page: Page) -> None:
    page.get_by_role("combobox", name="Find a channel by name").focus()
    page.keyboard.type("kestr")
    found = page.get_by_role("listbox", name="Channels found").get_by_role("option")
    expect(found).to_have_count(6)

    is_on_top = """(options) => options.map((option) => {
        const { x, y, width, height } = option.getBoundingClientRect();
        return option.contains(document.elementFromPoint(x + width / 2, y + height / 2));
    })"""
    assert found.evaluate_all(is_on_top) == [True] * 6
