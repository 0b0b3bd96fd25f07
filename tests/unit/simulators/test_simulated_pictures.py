"""Pictures: every address that the sites tell is answered, by each host in its own way."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Any

import pytest
from PIL import Image, ImageFont
from starlette.testclient import TestClient
from tests.unit.simulators.callers import NOON, NOON_S, Caller

from airtide.simulators.pictures import draw
from airtide.simulators.pictures.hosts import EVERY_S, FIRST_AFTER_S
from airtide.simulators.world import Broadcast, World
from airtide.simulators.world.traits import TRAITS
from airtide.simulators.world.words import (
    ENGLISH_TITLES,
    HOSTILE_NAMES,
    HOSTILE_TITLES,
    KOREAN_FIRST,
    KOREAN_LAST,
    KOREAN_SECOND,
    KOREAN_TITLES,
)

SIZES = {"youtube": (320, 180), "twitch": (440, 248), "soop": (480, 270), "chzzk": (480, 270), "kick": (480, 270)}
CONDITIONAL = ("youtube", "twitch", "chzzk", "kick")


def instant(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def tell_addresses(caller: Caller, site: str) -> dict[str, str]:
    """Return the address of each broadcast's picture as the site tells it, by the broadcast's id."""
    tellers: dict[str, Callable[[], dict[str, str | None]]] = {
        "youtube": lambda: {
            row["id"]: row["snippet"]["thumbnails"]["medium"]["url"]
            for row in caller.videos(
                *(found["id"]["videoId"] for found in caller.search(maxResults=50).json()["items"])
            )
        },
        "twitch": lambda: {
            row["id"]: row["thumbnail_url"].replace("{width}", "440").replace("{height}", "248")
            for page in caller.sweep_twitch()
            for row in page
        },
        "soop": lambda: {
            row["broad_no"]: f"https:{row['broad_thumb']}" for page in caller.sweep_soop() for row in page["broad"]
        },
        "chzzk": lambda: {
            str(row["liveId"]): (row["liveThumbnailImageUrl"] or "").replace("{type}", "480")
            for page in caller.sweep_chzzk()
            for row in page
        },
        "kick": lambda: {row["id"]: row["thumbnail"] for page in caller.sweep_kick() for row in page},
    }
    return {name: url for name, url in tellers[site]().items() if url}


def get_picture(caller: Caller, url: str, headers: dict[str, str] | None = None) -> Any:
    return caller.client.get(
        f"/pictures/{url.removeprefix('https://')}",
        headers={"Simulated-Now": caller.at, **(headers or {})},
        follow_redirects=False,
    )


def choose(caller: Caller, world: World, site: str) -> tuple[Broadcast, str]:
    """Return a broadcast that has been live for ten minutes and stays so as long, and its picture's address."""
    addresses = tell_addresses(caller, site)
    for broadcast in (live.broadcast for live in world.live(site, NOON_S)):
        is_settled = broadcast.started_s + 600 < NOON_S < broadcast.ended_s - 600
        if is_settled and broadcast.broadcast_id in addresses:
            return broadcast, addresses[broadcast.broadcast_id]
    pytest.fail(f"nothing of {site} is live for long enough")


@pytest.mark.parametrize("site", SIZES)
def test_every_address_that_a_site_tells_shows_a_picture_once_its_broadcast_is_old_enough(
    caller: Caller, world: World, site: str
) -> None:
    addresses = tell_addresses(caller, site)
    old = {live.broadcast.broadcast_id for live in world.live(site, NOON_S - FIRST_AFTER_S)}
    shown = {name: get_picture(caller, url) for name, url in addresses.items() if name in old}
    assert len(shown) > 20
    assert {answer.status_code for answer in shown.values()} == {200}
    assert {answer.headers["Content-Type"] for answer in shown.values()} == {
        "image/webp" if site == "kick" else "image/jpeg"
    }
    assert {Image.open(io.BytesIO(answer.content)).size for answer in shown.values()} == {SIZES[site]}
    assert len({answer.content for answer in shown.values()}) == len(shown)


@pytest.mark.parametrize("site", SIZES)
def test_a_picture_stays_for_some_minutes_and_then_changes(caller: Caller, world: World, site: str) -> None:
    broadcast, url = choose(caller, world, site)
    first_s = broadcast.started_s + FIRST_AFTER_S
    shown = []
    for at_s in (first_s, first_s + EVERY_S - 1, first_s + EVERY_S):
        caller.at = instant(at_s)
        shown.append(get_picture(caller, url).content)
    assert shown[0] == shown[1] != shown[2]


def test_another_server_of_the_same_seed_shows_the_same(caller: Caller, world: World, app_again: TestClient) -> None:
    _, url = choose(caller, world, "twitch")
    draw.draw_card.cache_clear()
    here = get_picture(caller, url)
    draw.draw_card.cache_clear()
    there = app_again.get(f"/pictures/{url.removeprefix('https://')}", headers={"Simulated-Now": NOON})
    assert (here.content, here.headers["ETag"]) == (there.content, there.headers["ETag"])


@pytest.mark.parametrize("site", CONDITIONAL)
def test_a_picture_that_has_not_changed_is_not_sent_again(caller: Caller, world: World, site: str) -> None:
    broadcast, url = choose(caller, world, site)
    first = get_picture(caller, url)
    by_tag = get_picture(caller, url, {"If-None-Match": first.headers["ETag"]})
    by_time = get_picture(caller, url, {"If-Modified-Since": first.headers["Last-Modified"]})
    both = {"If-None-Match": '"another"', "If-Modified-Since": first.headers["Last-Modified"]}
    assert [(answer.status_code, answer.content) for answer in (by_tag, by_time)] == [(304, b"")] * 2
    assert get_picture(caller, url, both).status_code == 200
    caller.at = instant(NOON_S + EVERY_S)
    assert get_picture(caller, url, {"If-None-Match": first.headers["ETag"]}).status_code == 200
    taken_s = (NOON_S - broadcast.started_s - FIRST_AFTER_S) // EVERY_S * EVERY_S + broadcast.started_s + FIRST_AFTER_S
    assert first.headers["Last-Modified"] == formatdate(taken_s, usegmt=True)


def test_soop_tells_nothing_that_one_could_ask_with(caller: Caller, world: World) -> None:
    answer = get_picture(caller, choose(caller, world, "soop")[1])
    assert not {"etag", "last-modified"} & set(answer.headers)


def find_states(caller: Caller, world: World, site: str) -> dict[str, Any]:
    """Return what a host answers before the first picture of a broadcast, after its end, and for one unknown."""
    broadcast, url = choose(caller, world, site)
    states = {}
    for name, at_s in (("young", broadcast.started_s + FIRST_AFTER_S - 1), ("over", broadcast.ended_s)):
        caller.at = instant(at_s)
        states[name] = get_picture(caller, url)
    caller.at = NOON
    unknown = {
        "youtube": "https://i.ytimg.com/vi/AAAAAAAAAAA/mqdefault_live.jpg",
        "twitch": "https://static-cdn.jtvnw.net/previews-ttv/live_user_nobody-440x248.jpg",
        "soop": "https://liveimg.sooplive.com/m/1",
        "chzzk": re.sub(r"/\d+/", "/1/", url),
        "kick": "https://images.kick.com/video_thumbnails/aaaaaaaaaaaa/aaaaaaaaaaaa/480.webp",
    }
    states["unknown"] = get_picture(caller, unknown[site])
    return states


def test_chzzk_says_404_where_there_is_no_picture(caller: Caller, world: World) -> None:
    states = find_states(caller, world, "chzzk")
    assert {(answer.status_code, answer.headers["Content-Type"]) for answer in states.values()} == {
        (404, "text/html; charset=utf-8")
    }


def test_youtube_sends_a_small_grey_picture_with_its_404(caller: Caller, world: World) -> None:
    states = find_states(caller, world, "youtube")
    assert (states["young"].status_code, states["unknown"].status_code) == (404, 404)
    assert states["young"].content == states["unknown"].content
    assert Image.open(io.BytesIO(states["young"].content)).size == (120, 90)


def test_twitch_leads_to_one_picture_for_all_that_have_none(caller: Caller, world: World) -> None:
    states = find_states(caller, world, "twitch")
    to = {(answer.status_code, answer.headers["Location"]) for answer in states.values()}
    assert to == {(302, "https://static-cdn.jtvnw.net/ttv-static/404_preview-440x248.jpg")}
    preview = get_picture(caller, to.pop()[1])
    assert preview.status_code == 200
    assert Image.open(io.BytesIO(preview.content)).size == (440, 248)


def test_soop_shows_the_same_picture_for_all_that_have_none(caller: Caller, world: World) -> None:
    states = find_states(caller, world, "soop")
    assert {answer.status_code for answer in states.values()} == {200}
    assert len({answer.content for answer in states.values()}) == 1


@pytest.mark.parametrize("site", ["youtube", "kick"])
def test_some_hosts_go_on_showing_the_last_picture_of_what_is_over(caller: Caller, world: World, site: str) -> None:
    broadcast, url = choose(caller, world, site)
    states = find_states(caller, world, site)
    caller.at = instant(broadcast.ended_s - 1)
    assert (states["young"].status_code, states["unknown"].status_code) == (404, 404)
    assert (states["over"].status_code, states["over"].content) == (200, get_picture(caller, url).content)


def test_what_is_gone_from_the_site_is_gone_from_its_host(caller: Caller, world: World) -> None:
    noon = (live.broadcast for live in world.live("youtube", NOON_S))
    gone = next(one for one in noon if one.vanishes and one.started_s + FIRST_AFTER_S <= NOON_S)
    url = f"https://i.ytimg.com/vi/{gone.broadcast_id}/mqdefault_live.jpg"
    assert get_picture(caller, url).status_code == 200
    caller.at = instant(gone.ended_s)
    assert get_picture(caller, url).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "i.ytimg.com/vi/AAAAAAAAAAA/maxresdefault.jpg",
        "i.ytimg.com/vi/short/mqdefault_live.jpg",
        "static-cdn.jtvnw.net/previews-ttv/live_user_x-9999x9999.jpg",
        "static-cdn.jtvnw.net/previews-ttv/live_user_x-{width}x{height}.jpg",
        "liveimg.sooplive.com/l/1",
        "livecloud-thumb.akamaized.net/chzzk/livecloud/KR/stream/1/live/2/record/1/thumbnail/image_480.jpg",
        "images.kick.com/video_thumbnails/../480.webp",
        "example.com/a.jpg",
    ],
)
def test_no_other_address_is_answered(caller: Caller, address: str) -> None:
    assert caller.get(f"/pictures/{address}").status_code == 404


def test_adults_only_broadcasts_of_chzzk_have_no_picture_under_any_address(caller: Caller, world: World) -> None:
    rows = [row for page in caller.sweep_chzzk() for row in page if row["adult"]]
    assert rows
    name = rows[0]["liveId"]
    url = f"livecloud-thumb.akamaized.net/chzzk/livecloud/KR/stream/{name}/live/{name}/record/{name}/thumbnail"
    assert caller.get(f"/pictures/{url}/image_480.jpg").status_code == 404


def test_the_font_has_every_character_of_the_worlds_words_but_for_the_hostile_ones() -> None:
    font = ImageFont.truetype(draw._FONT, 24, layout_engine=ImageFont.Layout.BASIC)
    words = [*KOREAN_FIRST, *KOREAN_SECOND, *KOREAN_LAST, *KOREAN_TITLES, *ENGLISH_TITLES]
    words += [category.name for traits in TRAITS.values() for category in traits.categories]
    missing = bytes(font.getmask("\uffff"))
    assert [c for c in sorted(set("".join(words))) if c != " " and bytes(font.getmask(c)) == missing] == []


@pytest.mark.parametrize("text", [*HOSTILE_NAMES, *HOSTILE_TITLES, "", "\n", "가" * 10_000], ids=lambda text: text[:12])
def test_any_name_and_title_can_be_drawn(text: str) -> None:
    card = draw.Card(width=480, height=270, form="JPEG", colour=3, beat=7, at_s=NOON_S, name=text, title=text)
    assert Image.open(io.BytesIO(draw.draw_card(card))).size == (480, 270)


def test_a_long_name_is_cut_to_the_width_of_the_picture() -> None:
    whole, cut = draw._fit("길다" * 50, 30, 100_000), draw._fit("길다" * 50, 30, 400)
    assert len(whole) == 100
    assert cut[-1] is draw._cast("…", 30)
    assert 350 < sum(letter.width for letter in cut) <= 400
