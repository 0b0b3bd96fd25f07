"""Marks on the page: a day whose counts looked wrong says so in words, in both themes, on every width."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.conftest import Watched
from tests.plugins.seeding import STUCK_HOURS

pytestmark = pytest.mark.browser

TOLD = f"count stuck ({STUCK_HOURS} hours), step jump (1 time)"
READABLE = 4.5

MEASURE_CONTRAST = """(text) => {
    const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const luminance = (colour) => {
        paint.fillStyle = colour;
        paint.fillRect(0, 0, 1, 1);
        const parts = [...paint.getImageData(0, 0, 1, 1).data.slice(0, 3)].map((part) => part / 255);
        const linear = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    };
    const isSeen = (colour) => colour !== "rgba(0, 0, 0, 0)";
    let ground = text;
    while (!isSeen(getComputedStyle(ground).backgroundColor)) ground = ground.parentElement;
    const shades = [getComputedStyle(text).color, getComputedStyle(ground).backgroundColor].map(luminance);
    return (Math.max(...shades) + 0.05) / (Math.min(...shades) + 0.05);
}"""


def open_channel(watched: Watched, channel: str, query: str = "") -> Locator:
    """Open the page at a channel; gives what is told of it."""
    watched.open(f"?channel={channel}{query}")
    drawer = watched.page.locator("#channel-body")
    expect(drawer.locator(".tiles")).to_be_visible()
    return drawer


def list_marked_days(drawer: Locator) -> list[str]:
    names: list[str] = drawer.locator("tr:has(+ tr.marks) > th").evaluate_all(
        "heads => heads.map((head) => head.firstChild.textContent)"
    )
    return names


def find_clipped(page: Page, selector: str) -> list[str]:
    """Return the texts that are cut off at the edge of their box."""
    clipped: list[str] = page.eval_on_selector_all(
        selector,
        "all => all.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)",
    )
    return clipped


def test_a_marked_day_and_the_broadcast_of_it_say_what_looked_wrong_and_how_often(watched: Watched) -> None:
    drawer = open_channel(watched, "twitch:ch0")
    days = list_marked_days(drawer)
    noted = drawer.locator(".broadcasts p").filter(has_text="Marked on")

    assert len(days) >= 2
    expect(drawer.locator("tr.marks td")).to_have_text([f"marked {TOLD}"] * len(days))
    # the broadcasts that are listed do not reach back as far as the days do
    assert noted.all_inner_texts()
    assert noted.all_inner_texts() == [f"Marked on {day}: {TOLD}" for day in days[: noted.count()]]
    assert watched.complaints == []


def test_in_another_zone_a_mark_stands_on_the_day_that_it_has_there(watched: Watched) -> None:
    of_utc = list_marked_days(open_channel(watched, "twitch:ch0"))
    of_seoul = list_marked_days(open_channel(watched, "twitch:ch0", "&zone=Asia/Seoul"))

    assert len(of_seoul) == len(of_utc)
    assert of_seoul[1:] == of_utc[:-1]


def test_the_keyboard_alone_opens_what_the_marks_that_are_there_mean(watched: Watched) -> None:
    drawer = open_channel(watched, "twitch:ch0")
    summary = drawer.locator(".meanings summary")
    for _ in range(20):
        if summary.evaluate("node => node === document.activeElement"):
            break
        watched.page.keyboard.press("Tab")
    expect(summary).to_be_focused()
    assert summary.evaluate("node => getComputedStyle(node).outlineStyle") == "solid"

    watched.page.keyboard.press("Enter")

    expect(drawer.locator(".meanings dt")).to_have_text(["Count stuck", "Step jump"])
    expect(drawer.locator(".meanings dd").first).to_be_visible()


def test_a_channel_whose_counts_are_well_shows_nothing_of_marks(watched: Watched) -> None:
    drawer = open_channel(watched, "soop:ch1")

    assert drawer.locator(".marks, .meanings").count() == 0
    expect(drawer).not_to_contain_text(re.compile("marked", re.IGNORECASE))


def test_a_day_says_what_keeps_it_from_being_final(watched: Watched) -> None:
    blocked = open_channel(watched, "soop:ch0").locator("tbody th")
    expect(blocked.first).to_contain_text("so far")
    expect(blocked.first).to_contain_text("not final: a quality check fails")
    expect(blocked.last.locator(".note")).to_have_count(0)

    open_channel(watched, "twitch:ch0")
    expect(watched.page.locator("#channel-body tbody th").first.locator(".note")).to_have_text("so far")


def test_a_day_of_an_older_version_of_the_definitions_says_so(watched: Watched) -> None:
    def raise_version(route):
        route.fulfill(json={**route.fetch().json(), "definitions_version": 2})

    watched.page.route("**/api/v1/definitions", raise_version)
    drawer = open_channel(watched, "soop:ch1")

    expect(drawer.locator("tbody th").last).to_contain_text("definitions version 1")
    expect(watched.page.locator("#definitions-title")).to_have_text("What the numbers mean, version 2")
    expect(watched.page.locator("#ranking-summary")).to_contain_text("definitions version 1")


@pytest.mark.parametrize("width", [360, 390, 768, 1440])
def test_no_width_cuts_marks_off_or_needs_scrolling_sideways(watched: Watched, width: int) -> None:
    watched.page.set_viewport_size({"width": width, "height": 844})
    drawer = open_channel(watched, "twitch:ch0")
    drawer.locator(".meanings summary").click()

    assert find_clipped(watched.page, "#channel, #channel-body, #channel-body :is(p, td, th, dd, .table-frame)") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marks_can_be_read_in_light_and_dark(watched: Watched, scheme: str) -> None:
    watched.page.emulate_media(color_scheme=scheme)
    drawer = open_channel(watched, "twitch:ch0")
    drawer.locator(".meanings summary").click()

    for selector in (".mark", ".marks td", ".note", ".meanings dd", ".broadcasts .warned"):
        assert drawer.locator(selector).first.evaluate(MEASURE_CONTRAST) >= READABLE, selector
