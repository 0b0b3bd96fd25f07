"""Pictures in the API: beside broadcasts and channels, over time, and handed out one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

import pytest
from tests.plugins.clients import build_page_app, build_signed_in_client
from tests.plugins.conftest import NOW
from tests.plugins.pictured import SIZE, HeldPictures, seed_pictures
from tests.plugins.seeding import seed_world
from tests.services import WarehouseMaker

from airtide.domain.clock import SetClock
from airtide.domain.errors import CredentialsRejected, MisconfiguredError, PartUnreachable
from airtide.domain.models import Platform
from airtide.settings import load_settings
from airtide.warehouse.connect import connect
from airtide.wiring.picture_sites import PictureSites
from airtide.wiring.reads import Reads

UNKNOWN = "0" * 64
SIMULATED = "http://127.0.0.1:8090/pictures"
REAL_HOST = "https://i.ytimg.com"


@pytest.fixture(scope="module")
def held() -> HeldPictures:
    """The store."""
    return HeldPictures()


@pytest.fixture(scope="module")
def made(warehouse_maker: WarehouseMaker, held: HeldPictures) -> Iterator[Reads]:
    """The read side of a world with pictures, whose YouTube is real."""
    with warehouse_maker.warehouse() as warehouse:
        with connect(warehouse.superuser, None) as connection:
            seed_world(connection, now=NOW, channels=6)
            held.objects = seed_pictures(connection)
        reads = Reads(warehouse.address, load_settings(), SetClock(NOW), open_store=lambda: held)
        yield reads
        reads.warehouse.close()


@pytest.fixture
def reads(made: Reads, held: HeldPictures) -> Iterator[Reads]:
    """The same with a store that answers."""
    yield derive(made)
    held.fail, held.reads = None, 0


@pytest.fixture
def client(reads: Reads):
    return build_signed_in_client(reads)


def derive(reads: Reads, **changes: object) -> Reads:
    """Return a read side that differs and asks over the same connections."""
    derived = replace(reads, **changes)
    derived.warehouse = reads.warehouse
    return derived


def with_settings(reads: Reads, **changes: object) -> Reads:
    pictures = reads.settings.pictures.model_copy(update=changes)
    return derive(reads, settings=reads.settings.model_copy(update={"pictures": pictures}))


def at(reads: Reads, now: datetime) -> Reads:
    return derive(reads, clock=SetClock(now))


def list_live(client, platform: str) -> list[dict]:
    return client.get(f"/api/v1/live?platform={platform}").json()["broadcasts"]


def find_one(client) -> dict:
    """Return a picture that is shown beside a broadcast."""
    return list_live(client, "twitch")[0]["picture"]


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


def test_a_picture_is_handed_out_with_its_type_to_be_kept_for_ever(client, held):
    picture = find_one(client)
    answer = client.get(picture["url"])

    assert answer.status_code == 200
    assert sha256(answer.content).hexdigest() == picture["sha256"]
    assert answer.content in held.objects.values()
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.headers["etag"] == f'"{picture["sha256"]}"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "img-src 'self' data:;" in answer.headers["content-security-policy"]


def test_a_picture_that_is_known_is_not_even_read(client, held):
    picture = find_one(client)
    again = client.get(picture["url"], headers={"If-None-Match": f'"{picture["sha256"]}"'})

    assert (again.status_code, again.content, held.reads) == (304, b"", 0)
    assert again.headers["cache-control"] == "private, max-age=31536000, immutable"


def test_under_a_prefix_a_picture_s_path_has_it_in_front(reads):
    client = build_signed_in_client(reads)
    nested = type(client)(build_page_app(reads, prefix="/some/prefix"))
    picture = nested.get("/some/prefix/airtide/api/v1/live?platform=twitch").json()["broadcasts"][0]["picture"]

    assert picture["url"].startswith("/some/prefix/airtide/api/v1/thumbnails/")
    assert nested.get(picture["url"]).status_code == 200


@pytest.mark.parametrize("name", ["x", UNKNOWN[:-1], UNKNOWN.replace("0", "A"), f"{UNKNOWN}0", f"..%2F{UNKNOWN}"])
def test_a_name_that_is_no_hash_is_refused(client, name):
    assert client.get(f"/api/v1/thumbnails/{name}").status_code in (404, 422)


def test_a_picture_that_was_never_captured_is_not_found(client):
    refused = client.get(f"/api/v1/thumbnails/{UNKNOWN}")

    assert (refused.status_code, refused.json()["detail"].split(":")[0]) == (404, "There is no such picture")


def test_a_picture_older_than_its_policy_allows_is_shown_and_handed_out_no_more(reads, client):
    url = find_one(client)["url"]
    later = build_signed_in_client(at(reads, NOW + timedelta(days=31)))

    assert later.get(url).status_code == 404
    assert {row["picture"] for row in list_live(later, "twitch")} == {None}


def test_a_picture_whose_object_is_gone_is_not_found(client, held):
    picture = find_one(client)
    key = next(key for key in held.objects if picture["sha256"] in key)
    body = held.objects.pop(key)
    try:
        assert client.get(picture["url"]).status_code == 404
    finally:
        held.objects[key] = body


@pytest.mark.parametrize("wrong", [b"something else", b"x" * 1_000_000], ids=["other bytes", "far too many"])
def test_an_object_that_holds_something_else_is_not_handed_out(client, held, wrong):
    picture = find_one(client)
    key = next(key for key in held.objects if picture["sha256"] in key)
    body, held.objects[key] = held.objects[key], wrong
    try:
        refused = client.get(picture["url"])
    finally:
        held.objects[key] = body
    assert refused.status_code == 503
    assert "The object store does not hand pictures out" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (PartUnreachable("http://10.0.0.7:9000 does not answer"), "The object store does not hand pictures out"),
        (CredentialsRejected("key AKIA refused"), "The object store does not hand pictures out"),
        (MisconfiguredError("no bucket at http://10.0.0.7"), "The object store is not set up for this page"),
    ],
)
@pytest.mark.parametrize("served", ["api", "signed_link"])
def test_a_store_that_is_down_is_told_in_one_sentence_without_its_address(reads, held, error, told, served):
    client = build_signed_in_client(with_settings(reads, served=served))
    url = find_one(client)["url"]
    held.fail = error
    down = client.get(url)

    assert (down.status_code, down.headers["retry-after"]) == (503, "30")
    assert down.json()["detail"].startswith(told)
    assert "10.0.0.7" not in down.text
    assert "AKIA" not in down.text


def test_a_read_side_without_a_store_says_so(reads):
    bare = Reads(reads.address, reads.settings, reads.clock)
    client = build_signed_in_client(bare)
    refused = client.get(find_one(client)["url"])
    bare.warehouse.close()

    assert (refused.status_code, refused.json()["detail"].split(":")[0]) == (
        503,
        "The object store is not set up for this page",
    )


def test_by_setting_a_picture_is_a_link_into_the_store_that_ends_before_it_is_forgotten(reads, held):
    client = build_signed_in_client(with_settings(reads, served="signed_link", link_s=120))
    picture = find_one(client)
    led = client.get(picture["url"], follow_redirects=False)

    assert led.status_code == 307
    assert led.headers["location"].endswith(f"{picture['sha256']}.webp?expires=120")
    assert led.headers["cache-control"] == "private, max-age=60"
    assert held.reads == 0


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
