"""The page as people meet it: it shows the numbers, breaks at holes, takes no harm, and needs no mouse."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from tests.plugins.world import HOSTILE_TITLE

from airtide.settings import POLLED_PLATFORMS, load_settings

pytestmark = pytest.mark.browser


def test_it_shows_ranking_live_broadcasts_charts_and_collection_without_a_complaint(watched):
    page = watched.open()

    expect(page.locator("#ranking tbody tr")).to_have_count(20)
    expect(page.locator("#ranking tbody tr").first.locator(".col-rank")).to_have_text("1")
    expect(page.locator("#live tbody tr").first).to_be_visible()
    expect(page.locator("#platform-cards .chart canvas")).to_have_count(3)
    expect(page.locator("#collection tbody tr")).to_have_count(len(POLLED_PLATFORMS))
    expect(page.locator("#quotas tbody tr")).to_have_count(len(load_settings().polled_limits))
    expect(page.locator("#quality tbody tr")).to_have_count(2)
    expect(page.locator("#quality tbody tr").first).to_contain_text("its days stay provisional")
    searches = page.get_by_role("row", name=re.compile("youtube.search"))
    expect(searches).to_contain_text("closed by the site")
    expect(page.locator("#data-kind")).to_be_visible()
    expect(page.locator("#as-of")).to_have_attribute("data-state", "fresh")
    assert watched.complaints == []


def test_a_hostile_title_is_shown_and_does_nothing(watched):
    page = watched.open("?platform=twitch")

    expect(page.get_by_text(HOSTILE_TITLE, exact=True).first).to_be_visible()
    page.locator("#ranking tbody button").first.click()
    expect(page.locator("#channel").get_by_text(HOSTILE_TITLE, exact=True).first).to_be_visible()
    assert page.evaluate("window.hacked") is None
    assert page.locator("main img, main script, #channel img, #channel script").count() == 0
    assert watched.complaints == []


def test_a_landing_that_fails_is_told_with_what_waits_and_its_words_do_nothing(watched):
    page = watched.open()

    notice = page.locator("#collection-notices li").filter(has_text="landing has failed since")
    expect(notice).to_have_count(1)
    expect(notice).to_contain_text("batch 7 of soop: <b>21 bad messages</b> in a row")
    soop = page.locator("#collection tbody tr").filter(has_text="SOOP")
    expect(soop).to_contain_text("1,234")
    expect(soop).to_contain_text("2,000 a second")
    expect(soop).to_contain_text("2,500 a batch")
    waiting = re.compile(r"not landed yet.*partition 0: 1,234 wait for \d+ min", re.DOTALL)
    expect(soop.get_by_title(waiting)).to_have_count(1)
    assert page.locator("#collection-notices b").count() == 0
    assert watched.complaints == []


def test_a_hole_is_told_and_not_bridged(watched):
    page = watched.open()
    twitch = page.get_by_role("article", name="Twitch")

    expect(twitch).to_contain_text("1 h 15 without samples")
    expect(twitch.get_by_role("img")).to_have_attribute("aria-label", re.compile("1 hole"))
    expect(page.get_by_role("article", name="SOOP")).to_contain_text("no holes")


def test_what_is_looked_at_stands_in_the_address(watched):
    page = watched.open()
    page.get_by_role("radio", name="Peak").check()
    page.get_by_role("radio", name="SOOP").check()
    page.locator("#zone-picker").select_option("Asia/Seoul")
    expect(page).to_have_url(re.compile(r"\?platform=soop&zone=Asia%2FSeoul&metric=peak$"))
    expect(page.locator("#ranking caption")).to_have_text(re.compile("^Channels of SOOP by peak on .* in Asia/Seoul$"))
    before = page.locator("#ranking").inner_text()

    page.reload()
    expect(page.locator("#ranking tbody tr:not(.skeleton)").first).to_be_visible()

    assert page.locator("#ranking").inner_text() == before
    expect(page.locator("#ranking th[aria-sort]")).to_have_text("Peak")
    expect(page.locator("#zone-picker")).to_have_value("Asia/Seoul")


def test_the_ranking_of_one_category_is_chosen_and_given_up_with_its_platform(watched):
    page = watched.open("?platform=twitch")
    picker = page.get_by_label("Which channels are ranked")
    picker.select_option(label="Elden Ring")
    expect(page).to_have_url(re.compile(r"\?platform=twitch&list=category%3AElden\+Ring$"))
    expect(page.locator("#ranking caption")).to_contain_text("Channels of Twitch in Elden Ring by hours watched")

    page.get_by_role("radio", name="SOOP").check()
    expect(page).to_have_url(re.compile(r"\?platform=soop$"))
    expect(picker).to_have_value("")

    picker.select_option(label="ko")
    expect(page.locator("#ranking caption")).to_contain_text("Channels of SOOP broadcasting in ko by hours watched")
    assert watched.complaints == []


def test_going_back_closes_the_channel_and_keeps_the_rest(watched):
    page = watched.open("?metric=average")
    page.locator("#ranking tbody button").first.click()
    expect(page.locator("#channel")).to_be_visible()

    page.go_back()

    expect(page.locator("#channel")).to_be_hidden()
    expect(page).to_have_url(re.compile(r"\?metric=average$"))


def test_the_day_before_is_one_step_away(watched):
    page = watched.open()
    yesterday = page.locator("#day-picker").input_value()

    page.locator("#day-before").click()

    expect(page.locator("#day-picker")).not_to_have_value(yesterday)
    expect(page).to_have_url(re.compile(r"day=\d{4}-\d\d-\d\d"))
    expect(page.locator("#ranking caption")).to_contain_text(page.locator("#day-picker").input_value())


def test_the_week_of_a_day_is_ranked_and_stands_in_the_address(watched):
    page = watched.open()
    day = page.locator("#day-picker").input_value()

    page.get_by_label("Period").select_option("week")

    expect(page.locator("#ranking caption")).to_contain_text("in the week from")
    expect(page).to_have_url(re.compile(r"\?period=week$"))
    expect(page.locator("#day-picker")).to_have_value(day)
    expect(page.locator("#ranking tbody tr")).not_to_have_count(0)


def test_a_channel_is_found_and_opened_without_a_mouse(watched):
    page = watched.open()
    search = page.get_by_role("combobox", name="Find a channel by name")
    search.focus()
    page.keyboard.type("kestr")
    found = page.get_by_role("listbox", name="Channels found").get_by_role("option")
    expect(found).to_have_count(6)
    page.keyboard.press("ArrowDown")
    expect(found.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")

    expect(page.get_by_role("dialog", name="Kestrel")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(search).to_be_focused()


def test_the_first_step_of_the_keyboard_leads_to_the_ranking(watched):
    page = watched.open()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the ranking")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("#top-channels")).to_be_focused()


def test_every_control_shows_where_the_keyboard_is(watched):
    page = watched.open()
    for _ in range(12):
        page.keyboard.press("Tab")
        style = page.evaluate(
            """() => {
                const held = document.activeElement;
                const shown = held.matches('.segment input') ? held.nextElementSibling : held;
                return [held.tagName, getComputedStyle(shown).outlineStyle];
            }"""
        )
        assert style[1] != "none", style


def test_a_refresh_takes_the_keyboard_out_of_nothing(watched):
    watched.page.clock.install()
    page = watched.open()
    button = page.locator("#ranking tbody button").nth(3)
    button.focus()

    with page.expect_response("**/api/v1/rankings/channels**"):
        page.clock.fast_forward(31_000)
    page.wait_for_load_state("networkidle")

    expect(page.locator("#ranking tbody button").nth(3)).to_be_focused()


def test_the_ranking_on_screen_is_the_one_that_is_downloaded(watched):
    page = watched.open("?metric=peak&platform=soop")
    with page.expect_download() as saved:
        page.get_by_role("link", name="CSV").click()

    assert re.fullmatch(r"airtide-peak-soop-\d{4}-\d\d-\d\d-UTC\.csv", saved.value.suggested_filename)


@pytest.mark.parametrize(("kind", "shown"), [("real", "none published"), ("simulated", "none for simulated data")])
def test_terms_are_linked_where_a_site_publishes_them_and_missed_in_words(watched, kind, shown):
    def tell_kind(route):
        route.fulfill(json={**route.fetch().json(), "data": kind})

    watched.page.route("**/api/v1/definitions", tell_kind)
    terms = watched.open().locator("#terms tbody tr")
    address = load_settings().platforms.youtube.policy.source_url

    expect(terms.filter(has_text="YouTube").locator(f'a[href="{address}"]')).to_have_text("developers.google.com")
    expect(terms.filter(has_text="SOOP").locator("td").last).to_have_text(shown)
    assert watched.complaints == []


def test_an_outage_is_told_in_one_place_and_passes(watched):
    sentence = "The warehouse does not answer."
    watched.page.route("**/api/v1/**", lambda route: route.fulfill(status=503, json={"detail": sentence}))
    watched.page.goto(watched.address)
    expect(watched.page.get_by_role("alert")).to_have_text(re.compile(sentence))

    watched.page.unroute("**/api/v1/**")
    watched.page.get_by_role("button", name="Try again").click()

    expect(watched.page.locator("#ranking tbody tr")).to_have_count(20)
    expect(watched.page.get_by_role("alert")).to_have_count(0)


def test_a_part_that_fails_leaves_the_others_standing(watched):
    refusal = {"status": 503, "json": {"detail": "The ranking is not to be had."}}
    watched.page.route("**/api/v1/rankings/**", lambda route: route.fulfill(**refusal))
    watched.page.goto(watched.address)

    expect(watched.page.get_by_role("alert")).to_contain_text("The ranking is not to be had.")
    expect(watched.page.locator("#live tbody tr").first).to_be_visible()


@pytest.mark.parametrize("width", [420, 768, 1024, 1440])
def test_no_width_needs_scrolling_sideways(watched, width):
    watched.page.set_viewport_size({"width": width, "height": 900})
    page = watched.open()

    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    for name in ("Top channels", "Live now", "State of collection"):
        expect(page.get_by_role("heading", name=name)).to_be_visible()


@pytest.mark.parametrize(("chosen", "is_dark"), [(None, True), ("light", False), ("dark", True)])
def test_it_is_dark_when_the_system_or_airflow_is(watched, chosen, is_dark):
    watched.page.emulate_media(color_scheme="dark" if chosen is None else "light" if is_dark else "dark")
    if chosen:
        watched.page.add_init_script(f"localStorage.setItem('theme', '{chosen}')")
    page = watched.open()
    red = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/[0-9]+/)[0]")

    assert (int(red) < 64) is is_dark


@pytest.mark.parametrize(("own_zone", "shown"), [("Asia/Seoul", "Asia/Seoul"), ("Europe/Paris", "UTC")])
def test_days_begin_where_the_reader_lives_when_they_are_rolled_up_there(browser, page_address, own_zone, shown):
    with browser.new_context(timezone_id=own_zone) as context:
        page = context.new_page()
        page.goto(page_address)

        expect(page.locator("#zone-picker")).to_have_value(shown)
