"""Pictures on the page: beside broadcasts and channels, and where there are none."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from tests.browser.conftest import Watched, serve_page
from tests.plugins.pictured import HeldPictures, seed_pictures
from tests.plugins.seeding import seed_world
from tests.plugins.world import HOSTILE_TITLE
from tests.services import WarehouseMaker

from airtide.domain.clock import SetClock
from airtide.settings import load_settings
from airtide.warehouse.connect import connect
from airtide.wiring.reads import Reads

pytestmark = pytest.mark.browser

LINKED = re.compile(r"^https://i\.ytimg\.com/")


@pytest.fixture(scope="module")
def page_address(warehouse_maker: WarehouseMaker) -> Iterator[str]:
    """Where the page is served; its world has pictures of Twitch, and links to those of YouTube."""
    now = datetime.now(UTC)
    with warehouse_maker.warehouse() as made:
        with connect(made.superuser, None) as connection:
            seed_world(connection, now=now, channels=8)
            held = HeldPictures(seed_pictures(connection))
        with serve_page(Reads(made.address, load_settings(), SetClock(now), open_store=lambda: held)) as address:
            yield address


@pytest.fixture
def watched(watched: Watched) -> Watched:
    """The page in a world whose YouTube shows a picture at every address."""
    shown = draw(320, 180)
    watched.page.route(LINKED, lambda route: route.fulfill(body=shown, content_type="image/jpeg"))
    return watched


def draw(width: int, height: int) -> bytes:
    """Return a picture of one colour."""
    content = io.BytesIO()
    Image.new("RGB", (width, height), "#5b3d8a").save(content, "JPEG")
    return content.getvalue()


def list_widths(page: Page, selector: str) -> list[int]:
    """Return how wide the pictures of a place are themselves, once all have come: 0 for one that cannot be shown."""
    page.wait_for_function("s => [...document.querySelectorAll(s)].every((image) => image.complete)", arg=selector)
    widths: list[int] = page.eval_on_selector_all(selector, "images => images.map((image) => image.naturalWidth)")
    return widths


def test_pictures_stand_beside_what_is_live_and_what_is_ranked(watched: Watched) -> None:
    page = watched.open("?platform=twitch")

    rows = page.locator("#live tbody tr").count()
    assert rows > 0
    assert list_widths(page, "#live img") == [440] * rows
    assert list_widths(page, "#ranking img") == [440] * page.locator("#ranking tbody tr").count()
    assert watched.complaints == []


def test_a_site_that_only_lets_link_shows_its_own_pictures(watched: Watched) -> None:
    page = watched.open("?platform=youtube")

    assert set(list_widths(page, "#live img")) == {320}
    assert page.locator("#live img").first.get_attribute("src").startswith("https://i.ytimg.com/vi/")
    assert watched.complaints == []


def test_without_a_picture_the_box_is_as_large_and_empty(watched: Watched) -> None:
    page = watched.open("?platform=soop")
    empty = page.locator("#live .picture")
    sizes = {
        tuple(empty.nth(place).bounding_box()[side] for side in ("width", "height")) for place in range(empty.count())
    }

    assert page.locator("main img").count() == 0
    page.get_by_role("radio", name="Twitch").check()
    expect(page.locator("#live img").first).to_be_visible()
    full = page.locator("#live .picture").first.bounding_box()
    assert sizes == {(full["width"], full["height"])} == {(80, 45)}
    assert watched.complaints == []


@pytest.mark.parametrize(
    ("body", "kind"), [(b"gone", "text/html"), (draw(120, 90), "image/jpeg")], ids=["no picture", "grey picture"]
)
def test_a_picture_that_does_not_come_leaves_an_empty_box(watched: Watched, body: bytes, kind: str) -> None:
    watched.page.unroute(LINKED)
    watched.page.route(LINKED, lambda route: route.fulfill(status=404, body=body, content_type=kind))
    page = watched.open("?platform=youtube")

    expect(page.locator("#live img")).to_have_count(0)
    assert page.locator("#live .picture").count() > 0


def test_a_hostile_title_stands_in_the_picture_s_text_and_does_nothing(watched: Watched) -> None:
    page = watched.open("?platform=twitch")
    page.locator("#ranking tbody button").first.click()
    image = page.locator("#channel .broadcasts img").first
    expect(image).to_be_visible()

    texts = page.eval_on_selector_all("#channel .broadcasts img", "images => images.map((image) => image.alt)")
    assert f"Picture of {HOSTILE_TITLE}" in texts
    assert page.evaluate("window.hacked") is None
    assert page.locator("main script, #channel script").count() == 0
    assert watched.complaints == []


def test_a_channel_shows_its_picture_and_each_broadcast_s_over_time(watched: Watched) -> None:
    page = watched.open("?platform=twitch")
    page.locator("#ranking tbody button").first.click()
    expect(page.locator("#channel .portrait")).to_contain_text("Captured")
    strip = page.locator("#channel .strip").nth(1)

    strip.locator("summary").press("Enter")
    expect(strip.locator(".frames li").first).to_be_visible()

    times = strip.locator(".frames time").evaluate_all("times => times.map((time) => time.dateTime)")
    assert len(times) > 1
    assert times == sorted(times)
    expect(strip.locator(".frames time").first).to_have_text(re.compile(r"^\d\d:\d\d$"))
    assert watched.complaints == []


def test_pictures_stand_beside_what_a_search_finds_and_say_nothing_twice(watched: Watched) -> None:
    page = watched.open()
    page.get_by_role("combobox", name="Find a channel by name").focus()
    page.keyboard.type("kestr")
    found = page.get_by_role("listbox", name="Channels found").get_by_role("option")
    expect(found).to_have_count(3)

    # one of a site that links, one that is captured, one that may not be shown
    assert sorted(list_widths(page, "#search-results img")) == [320, 440]
    boxes = [found.nth(place).locator(".picture").bounding_box() for place in range(3)]
    assert {(box["width"], box["height"]) for box in boxes} == {(56, 32)}
    # the name stands beside it
    expect(page.locator("#search-results img[alt='']")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Kestrel")).to_be_visible()
    assert watched.complaints == []
