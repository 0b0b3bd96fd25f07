"""A channel's days in the API: how often counts looked wrong, and what keeps a day from being final."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from tests.plugins.seeding import STUCK_HOURS

from airtide.domain.marks import Marks

NOTHING = asdict(Marks())
ODD = asdict(Marks(stuck_hours=STUCK_HOURS, step_jumps=1))


def read_channel(client, channel: str, zone: str = "UTC") -> dict:
    return client.get(f"/api/v1/channels/{channel}?zone={zone}").json()


@pytest.mark.parametrize(
    ("zone", "marked"),
    [("UTC", ["2026-03-09", "2026-03-08"]), ("Asia/Seoul", ["2026-03-10", "2026-03-09"])],
)
def test_a_count_that_looks_wrong_at_20_05_is_told_on_the_day_that_it_has_in_the_zone(client, zone, marked):
    days = read_channel(client, "twitch/ch0", zone)["days"]

    assert [day["day"] for day in days if day["marks"] != NOTHING] == marked
    assert [day["marks"] for day in days if day["day"] in marked] == [ODD, ODD]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Seoul"])
def test_the_marks_of_the_latest_broadcasts_add_up_to_those_of_the_channel_s_day(client, zone):
    channel = read_channel(client, "twitch/ch0", zone)
    day = next(day for day in channel["days"] if day["marks"] != NOTHING)
    marked = [one for broadcast in channel["broadcasts"] for one in broadcast["marked_days"]]
    parts = [Marks(**one["marks"]) for one in marked if one["day"] == day["day"]]

    assert asdict(sum(parts, Marks())) == day["marks"]


def test_where_no_count_looks_wrong_every_mark_is_0_and_no_day_of_a_broadcast_is_told(client):
    channel = read_channel(client, "soop/ch1")

    assert channel["days"]
    assert [day["marks"] for day in channel["days"]] == [NOTHING] * len(channel["days"])
    assert [broadcast["marked_days"] for broadcast in channel["broadcasts"]] == [[]] * len(channel["broadcasts"])


def test_every_mark_that_a_day_counts_is_explained(client):
    told = client.get("/api/v1/definitions").json()

    assert [meaning["mark"] for meaning in told["marks"]] == list(NOTHING)
    assert all(meaning["term"] and meaning["meaning"].endswith(".") for meaning in told["marks"])


@pytest.mark.parametrize(
    ("channel", "blocked"), [("soop/ch0", [True, False, False]), ("twitch/ch0", [False, False, False])]
)
def test_a_day_is_blocked_for_channels_of_the_platform_that_a_check_blocks(client, channel, blocked):
    days = read_channel(client, channel)["days"]

    assert [day["day"] for day in days] == ["2026-03-10", "2026-03-09", "2026-03-08"]
    assert [day["is_blocked"] for day in days] == blocked
    assert [day["is_open"] for day in days] == [True, False, False]
    assert [day["is_provisional"] for day in days] == [True, False, False]


def test_a_day_names_the_version_that_it_was_computed_under(client):
    days = read_channel(client, "twitch/ch0")["days"]

    assert {day["definitions_version"] for day in days} == {
        client.get("/api/v1/definitions").json()["definitions_version"]
    }


def test_the_file_of_a_blocked_day_names_the_platforms(client):
    lines = client.get("/api/v1/rankings/channels?day=2026-03-10&format=csv").text.splitlines()
    column = lines[0].split(",").index("blocked_platforms")

    assert {line.split(",")[column] for line in lines[1:] if '"' not in line} == {"soop"}
