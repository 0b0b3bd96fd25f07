"""Pictures handed out one by one: what a browser may keep and for how long, and what is told where there is none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256

import pytest
from tests.plugins.clients import build_page_app, build_signed_in_client
from tests.plugins.conftest import NOW
from tests.plugins.pictured import HeldPictures, derive, list_live, with_settings

from airtide.domain.clock import SetClock
from airtide.domain.errors import CredentialsRejected, MisconfiguredError, PartUnreachable
from airtide.wiring.reads import Reads

UNKNOWN = "0" * 64
PICTURE_AGE = timedelta(days=30)


@pytest.fixture
def reads(made: Reads, held: HeldPictures) -> Iterator[Reads]:
    """The read side of a world with pictures, and a store that answers."""
    yield derive(made)
    held.fail, held.reads = None, 0


@pytest.fixture
def client(reads: Reads):
    return build_signed_in_client(reads)


def at(reads: Reads, now: datetime) -> Reads:
    return derive(reads, clock=SetClock(now))


def find_one(client) -> dict:
    """Return a picture that is shown beside a broadcast."""
    return list_live(client, "twitch")[0]["picture"]


def count_seconds_left(picture: dict) -> int:
    return int((datetime.fromisoformat(picture["captured_at"]) + PICTURE_AGE - NOW).total_seconds())


def test_a_picture_is_handed_out_with_its_type_to_be_kept_as_long_as_its_policy_allows(client, held):
    picture = find_one(client)
    answer = client.get(picture["url"])

    assert answer.status_code == 200
    assert sha256(answer.content).hexdigest() == picture["sha256"]
    assert answer.content in held.objects.values()
    assert answer.headers["content-type"] == "image/webp"
    told = re.fullmatch(r"private, max-age=(\d+), immutable", answer.headers["cache-control"])
    # another broadcast may have got the same picture later, and no broadcast has got any later than now
    assert count_seconds_left(picture) <= int(told[1]) <= PICTURE_AGE.total_seconds()
    assert answer.headers["vary"] == "Cookie, Authorization"
    assert answer.headers["etag"] == f'"{picture["sha256"]}"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "img-src 'self' data:;" in answer.headers["content-security-policy"]


def test_a_picture_that_is_known_is_not_even_read(client, held):
    picture = find_one(client)
    again = client.get(picture["url"], headers={"If-None-Match": f'"{picture["sha256"]}"'})

    assert (again.status_code, again.content, held.reads) == (304, b"", 0)
    assert again.headers["cache-control"].startswith("private, max-age=25")
    weak = client.get(picture["url"], headers={"If-None-Match": f'"other", W/"{picture["sha256"]}"'})
    assert (weak.status_code, held.reads) == (304, 0)


def test_no_browser_keeps_a_picture_beyond_its_age_and_none_for_longer_than_a_year(reads, client, owner):
    url = find_one(client)["url"]
    soon = client.get(url).headers["cache-control"]
    later = build_signed_in_client(at(reads, NOW + PICTURE_AGE - timedelta(hours=2))).get(url)
    assert int(re.search(r"max-age=(\d+)", later.headers["cache-control"])[1]) <= 2 * 3600
    set_age = "UPDATE policy.platform_policy SET picture_age = %s WHERE platform = 'twitch'"
    owner.execute(set_age, [timedelta(days=1000)])
    try:
        assert client.get(url).headers["cache-control"] == "private, max-age=31536000, immutable"
    finally:
        owner.execute(set_age, [PICTURE_AGE])
    assert client.get(url).headers["cache-control"] == soon


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


def test_a_picture_that_was_noted_as_lost_and_is_there_again_is_handed_out(client, owner):
    picture = find_one(client)
    named = [picture["sha256"]]
    owner.execute("UPDATE live.picture_object SET stored_at = NULL WHERE sha256 = %s", named)
    try:
        assert client.get(picture["url"]).status_code == 200
        owner.execute("UPDATE live.picture_object SET condemned_at = NOW() WHERE sha256 = %s", named)
        assert client.get(picture["url"]).status_code == 404
    finally:
        owner.execute(
            "UPDATE live.picture_object SET condemned_at = NULL, stored_at = claimed_at WHERE sha256 = %s", named
        )


def test_a_store_that_does_not_answer_is_left_alone_for_some_seconds(reads, held):
    clock = SetClock(NOW)
    client = build_signed_in_client(derive(reads, clock=clock))
    url = find_one(client)["url"]
    held.fail = PartUnreachable("it hangs")
    assert client.get(url).status_code == 503
    held.fail = None
    assert client.get(url).status_code == 503
    assert held.reads == 0
    clock.sleep(10)
    assert client.get(url).status_code == 200


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
