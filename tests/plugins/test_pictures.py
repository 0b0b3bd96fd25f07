"""Pictures in the API and on the page: beside broadcasts and channels, over time, and where they may come from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from tests.plugins.clients import build_signed_in_client
from tests.plugins.conftest import NOW
from tests.plugins.pictured import SIZE, HeldPictures, derive, list_live, with_settings

from airtide.domain.errors import PartUnreachable
from airtide.domain.models import Platform
from airtide.wiring.picture_sites import PictureSites
from airtide.wiring.reads import Reads

SIMULATED = "http://127.0.0.1:8090/pictures"
REAL_HOST = "https://i.ytimg.com"


@pytest.fixture
def reads(made: Reads, held: HeldPictures) -> Iterator[Reads]:
    """The read side of a world with pictures, and a store that answers."""
    yield derive(made)
    held.fail, held.reads = None, 0


@pytest.fixture
def client(reads: Reads):
    return build_signed_in_client(reads)


def test_beside_a_live_broadcast_stands_its_newest_picture(client, held):
    rows = list_live(client, "twitch")

    assert rows
    for row in rows:
        picture = row["picture"]
        started, captured = (datetime.fromisoformat(text) for text in (row["started_at"], picture["captured_at"]))
        assert started <= captured <= NOW
        assert NOW - captured < timedelta(minutes=35)
        assert (picture["width"], picture["height"]) == SIZE
        assert picture["url"] == f"/api/v1/thumbnails/{picture['sha256']}"


def test_where_policy_only_links_the_site_s_own_address_stands_there_and_where_it_never_shows_nothing(client):
    assert {tuple(row["picture"]) for row in list_live(client, "youtube")} == {("link",)}
    assert all(row["picture"]["link"].startswith(f"{REAL_HOST}/vi/") for row in list_live(client, "youtube"))
    # of SOOP there are rows from the time before its policy changed
    assert {row["picture"] for row in list_live(client, "soop")} == {None}


def test_links_to_a_simulated_site_lead_to_the_simulators(reads):
    simulated = derive(reads, picture_sites=PictureSites(simulated={Platform.YOUTUBE: SIMULATED}))
    row = list_live(build_signed_in_client(simulated), "youtube")[0]
    assert row["picture"]["link"].startswith(f"{SIMULATED}/i.ytimg.com/vi/x")


@pytest.mark.parametrize(
    "told",
    ["https://evil.example/a.jpg", "http://i.ytimg.com/a.jpg", "javascript:alert(1)", "https://i.ytimg.com@evil/"],
)
def test_an_address_that_is_not_of_the_site_s_hosts_is_shown_to_nobody(reads, told):
    assert PictureSites().lead(Platform.YOUTUBE, told) is None


def test_beside_a_ranked_channel_stands_the_newest_picture_of_that_day(client):
    ranking = client.get("/api/v1/rankings/channels?platform=twitch&day=2026-03-09").json()
    bounds = [datetime.fromisoformat(ranking[name]) for name in ("starts_at", "ends_at")]
    pictures = [channel["picture"] for channel in ranking["channels"]]

    assert all(pictures)
    assert all(bounds[0] <= datetime.fromisoformat(one["captured_at"]) < bounds[1] for one in pictures)


def test_the_csv_file_names_no_pictures(client):
    assert "thumbnails" not in client.get("/api/v1/rankings/channels?platform=twitch&format=csv").text


def test_a_channel_shows_its_newest_picture_and_one_of_each_broadcast(client):
    channel = client.get("/api/v1/channels/twitch/ch0").json()
    pictures = [broadcast["picture"] for broadcast in channel["broadcasts"]]

    assert all(pictures)
    assert channel["picture"] == max(pictures, key=lambda one: one["captured_at"])


def test_beside_a_channel_that_a_search_finds_stands_what_its_page_shows(client):
    found = {one["platform"]: one for one in client.get("/api/v1/channels?q=nova").json()["channels"]}
    of_twitch = client.get(f"/api/v1/channels/twitch/{found['twitch']['channel_id']}").json()

    assert found["twitch"]["picture"] == of_twitch["picture"]
    assert set(found["twitch"]["picture"]) >= {"sha256", "url"}
    assert found["youtube"]["picture"]["link"].startswith(f"{REAL_HOST}/vi/")
    assert found["soop"]["picture"] is None


def test_a_search_asks_for_its_pictures_once(reads, monkeypatch):
    asked: list[int] = []
    beside = reads.pictures.beside_channels
    monkeypatch.setattr(reads.pictures, "beside_channels", lambda names: asked.append(len(names)) or beside(names))
    client = build_signed_in_client(reads)
    found = client.get("/api/v1/channels?q=o&limit=50").json()["channels"]
    client.get("/api/v1/channels?q=nobody+at+all")

    assert asked == [len(found), 0]
    assert len(found) > 3


def test_a_broadcast_lists_its_pictures_over_time(client):
    broadcast = list_live(client, "twitch")[0]
    strip = client.get(f"/api/v1/broadcasts/twitch/{broadcast['broadcast_id']}/pictures").json()
    times = [one["captured_at"] for one in strip["pictures"]]

    assert times == sorted(set(times))
    assert strip["pictures"][-1] == broadcast["picture"]
    assert (strip["data"], strip["platform"]) == ("simulated", "twitch")


def test_a_broadcast_that_was_never_seen_has_no_list_of_pictures(client):
    refused = client.get("/api/v1/broadcasts/twitch/nobody/pictures")

    assert (refused.status_code, refused.json()["detail"]) == (
        404,
        "No broadcast of twitch with this id was ever seen here.",
    )


def test_a_platform_that_may_never_show_pictures_lists_none(client):
    broadcast = list_live(client, "soop")[0]
    assert client.get(f"/api/v1/broadcasts/soop/{broadcast['broadcast_id']}/pictures").json()["pictures"] == []


def read_image_sources(client) -> list[str]:
    policy = client.get("/").headers["content-security-policy"]
    return next(part for part in policy.split("; ") if part.startswith("img-src")).split()[1:]


def test_the_page_may_show_pictures_of_itself_and_of_the_sites_it_links_to(client):
    assert read_image_sources(client) == ["'self'", "data:", REAL_HOST]


def test_where_the_linked_site_is_simulated_the_page_may_ask_the_simulators_in_its_place(reads):
    simulated = derive(reads, picture_sites=PictureSites(simulated={Platform.YOUTUBE: SIMULATED}))
    assert read_image_sources(build_signed_in_client(simulated)) == ["'self'", "data:", "http://127.0.0.1:8090"]


def test_where_pictures_are_links_the_page_may_follow_them_to_the_store(reads, held):
    client = build_signed_in_client(with_settings(reads, served="signed_link"))

    assert read_image_sources(client) == ["'self'", "data:", REAL_HOST, "https://store.example:9000"]
    held.fail = PartUnreachable("the store does not answer")
    assert read_image_sources(build_signed_in_client(with_settings(reads, served="signed_link"))) == ["'self'", "data:"]


def test_a_page_of_broadcasts_asks_for_its_pictures_once(reads, monkeypatch):
    asked: list[int] = []
    beside = reads.pictures.beside_broadcasts
    monkeypatch.setattr(reads.pictures, "beside_broadcasts", lambda names: asked.append(len(names)) or beside(names))
    rows = build_signed_in_client(reads).get("/api/v1/live?limit=100").json()["broadcasts"]

    assert asked == [len(rows)]
    assert len(rows) > 6
