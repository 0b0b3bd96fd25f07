"""The API on a real warehouse: shapes, refusals, caching, and text that means harm."""

from __future__ import annotations

import csv
import io
import json

import pytest
from tests.plugins.clients import build_signed_in_client
from tests.plugins.seeding import UNITS_BOOKED
from tests.plugins.world import CATEGORIES, HOSTILE_NAME, HOSTILE_TITLE

from airtide.settings import POLLED_PLATFORMS

ROUTES = (
    "/api/v1/live",
    "/api/v1/days",
    "/api/v1/rankings/channels",
    "/api/v1/rankings/lists",
    "/api/v1/channels?q=nova",
    "/api/v1/channels/twitch/ch0",
    "/api/v1/platforms/series",
    "/api/v1/collection",
    "/api/v1/quality",
    "/api/v1/definitions",
)


@pytest.mark.parametrize("route", ROUTES)
def test_every_answer_says_that_its_data_is_simulated(client, route):
    answer = client.get(route)

    assert answer.status_code == 200, answer.text
    assert answer.json()["data"] == "simulated"


@pytest.mark.parametrize("route", ROUTES)
def test_an_answer_that_is_known_does_not_travel_again(client, route):
    first = client.get(route)
    again = client.get(route, headers={"If-None-Match": f'"other", {first.headers["etag"]}'})
    changed = client.get(route, headers={"If-None-Match": 'W/"of-before"'})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert changed.content == first.content


@pytest.mark.parametrize(
    ("route", "parameter"),
    [
        ("/api/v1/live?limit=0", "limit"),
        ("/api/v1/live?limit=100000", "limit"),
        ("/api/v1/live?offset=-1", "offset"),
        ("/api/v1/live?platform=myspace", "platform"),
        ("/api/v1/live?plattform=twitch", "plattform"),
        ("/api/v1/rankings/channels?metric=luck", "metric"),
        ("/api/v1/rankings/channels?day=yesterday", "day"),
        ("/api/v1/rankings/channels?format=xlsx", "format"),
        ("/api/v1/rankings/channels?language=%20", "language"),
        ("/api/v1/rankings/channels?period=year", "period"),
        ("/api/v1/rankings/lists?platform=myspace", "platform"),
        ("/api/v1/rankings/lists?metric=peak", "metric"),
        ("/api/v1/rankings/channels?platform=twitch&category_id=a%00b", "category_id"),
        ("/api/v1/channels", "q"),
        ("/api/v1/channels?q=%20%20", "q"),
        ("/api/v1/channels?q=a%00b", "q"),
        ("/api/v1/channels?q=" + "a" * 101, "q"),
        ("/api/v1/channels/myspace/ch0", "platform"),
        ("/api/v1/channels/twitch/a%00b", "channel_id"),
        ("/api/v1/platforms/series?hours=49", "hours"),
    ],
)
def test_a_wrong_parameter_is_refused_by_its_name(client, route, parameter):
    refused = client.get(route)

    assert refused.status_code == 422
    assert refused.json()["detail"].startswith(f"{parameter}: ")
    assert [told["parameter"] for told in refused.json()["parameters"]] == [parameter]


def test_a_zone_that_is_not_rolled_up_is_refused_with_those_that_are(client):
    refused = client.get("/api/v1/rankings/channels?zone=Europe/Berlin")

    assert refused.status_code == 422
    assert refused.json()["detail"] == "zone: days are rolled up in UTC, Asia/Seoul only."


def test_a_page_too_long_for_json_is_refused_and_says_what_to_do(client):
    refused = client.get("/api/v1/rankings/channels?limit=1001")

    assert refused.status_code == 400
    assert "format=csv" in refused.json()["detail"]


@pytest.mark.parametrize("route", ["/api/v1/rankings/channels?day=2020-01-01", "/api/v1/channels/twitch/nobody"])
def test_what_is_not_there_is_told_in_one_sentence(client, route):
    missing = client.get(route)

    assert missing.status_code == 404
    assert missing.json()["detail"].endswith(".")


@pytest.mark.parametrize("route", ROUTES)
def test_an_unreachable_warehouse_is_told_in_one_sentence_without_its_address(reads_of_nothing, route):
    down = build_signed_in_client(reads_of_nothing).get(route)

    assert down.status_code == 503
    assert down.json() == {
        "detail": "The warehouse does not answer: `airtide doctor` says which part is down and how to mend it."
    }
    assert down.headers["retry-after"] == "30"


def test_without_a_day_the_ranking_is_of_the_last_one_that_has_ended(client):
    ranking = client.get("/api/v1/rankings/channels").json()
    in_seoul = client.get("/api/v1/rankings/channels?zone=Asia/Seoul").json()

    assert (ranking["zone"], ranking["day"], ranking["is_provisional"]) == ("UTC", "2026-03-09", False)
    assert (in_seoul["day"], in_seoul["starts_at"]) == ("2026-03-09", "2026-03-08T15:00:00Z")


def test_a_day_that_is_not_over_is_provisional(client):
    today = client.get("/api/v1/rankings/channels?day=2026-03-10").json()

    assert (today["is_open"], today["is_provisional"]) == (True, True)


def test_the_combined_ranking_leaves_out_platforms_whose_terms_forbid_it(client):
    combined = client.get("/api/v1/rankings/channels").json()
    alone = client.get("/api/v1/rankings/channels?platform=youtube").json()

    assert combined["left_out"] == ["youtube"]
    assert {channel["platform"] for channel in combined["channels"]} == {"twitch", "soop"}
    assert alone["left_out"] == []
    assert {channel["platform"] for channel in alone["channels"]} == {"youtube"}


@pytest.mark.parametrize("query", ["category_id=509658", "platform=soop&language=ko&category_id=509658"])
def test_a_category_of_no_platform_or_beside_a_language_is_refused(client, query):
    refused = client.get(f"/api/v1/rankings/channels?{query}")

    assert refused.status_code == 422
    assert refused.json()["detail"].startswith("category_id: a category belongs to one platform")


def test_a_ranking_of_one_language_holds_no_other_and_says_so(client):
    korean = client.get("/api/v1/rankings/channels?language=ko").json()

    assert (korean["language"], korean["category_id"], korean["left_out"]) == ("ko", None, ["youtube"])
    assert {channel["platform"] for channel in korean["channels"]} == {"soop"}
    assert client.get("/api/v1/rankings/channels?language=ko&platform=twitch").json()["channels"] == []


def test_what_a_day_can_be_ranked_within_is_listed_and_leads_to_rankings(client):
    over_all = client.get("/api/v1/rankings/lists").json()
    alone = client.get("/api/v1/rankings/lists?platform=twitch&zone=Asia/Seoul").json()

    assert (over_all["day"], over_all["languages"], over_all["categories"]) == ("2026-03-09", ["en", "ko"], [])
    assert alone["languages"] == ["en"]
    assert {category["category_name"] for category in alone["categories"]} == set(CATEGORIES["twitch"])
    for category in alone["categories"]:
        within = {"platform": "twitch", "category_id": category["category_id"]}
        ranking = client.get("/api/v1/rankings/channels", params=within).json()
        assert ranking["category_id"] == category["category_id"]
        assert 0 < ranking["totals"]["channels"] == len(ranking["channels"]) < 12


@pytest.mark.parametrize("text", ["' OR TRUE --", "%", "ko' UNION SELECT 1", "{zone}", "%(zone)s"])
def test_nothing_in_a_language_or_category_is_a_statement(client, text):
    for names in ({"language": text}, {"platform": "soop", "category_id": text}):
        answer = client.get("/api/v1/rankings/channels", params=names)

        assert (answer.status_code, answer.json()["channels"]) == (200, [])


@pytest.mark.parametrize(
    ("period", "first_day", "last_day"), [("week", "2026-03-09", "2026-03-15"), ("month", "2026-03-01", "2026-03-31")]
)
def test_a_ranking_may_be_of_the_week_or_month_that_holds_a_day(client, period, first_day, last_day):
    ranking = client.get(f"/api/v1/rankings/channels?period={period}&limit=100").json()
    days = [client.get(f"/api/v1/rankings/channels?day=2026-03-{day}&limit=100").json() for day in ("09", "10")]
    if period == "month":
        days.append(client.get("/api/v1/rankings/channels?day=2026-03-08&limit=100").json())

    assert (ranking["period"], ranking["day"], ranking["last_day"]) == (period, first_day, last_day)
    assert (ranking["is_open"], ranking["is_provisional"], ranking["blocked_platforms"]) == (True, True, ["soop"])
    assert ranking["left_out"] == ["youtube"]
    summed = sum(day["totals"]["hours_watched"] for day in days)
    assert ranking["totals"]["hours_watched"] == pytest.approx(summed)
    assert sum(channel["hours_watched"] for channel in ranking["channels"]) == pytest.approx(summed)
    assert {channel["rank_change"] for channel in ranking["channels"]} == {None} or period == "week"


def test_a_category_is_ranked_by_the_day_only(client):
    refused = client.get("/api/v1/rankings/channels?period=week&platform=twitch&category_id=1")

    assert refused.status_code == 422
    assert refused.json()["detail"] == "period: channels of a category are ranked by the day."


def test_a_file_of_a_week_is_named_by_it_and_tells_its_days(client):
    answer = client.get("/api/v1/rankings/channels?period=week&format=csv")
    row = next(csv.DictReader(io.StringIO(answer.text)))

    assert 'filename="airtide-hours_watched-all-week-2026-03-09-UTC.csv"' in answer.headers["content-disposition"]
    assert (row["day"], row["period"], row["last_day"]) == ("2026-03-09", "week", "2026-03-15")


def test_pages_of_a_ranking_follow_each_other_without_overlap(client):
    whole = client.get("/api/v1/rankings/channels?limit=10").json()["channels"]
    pages = [client.get(f"/api/v1/rankings/channels?limit=5&offset={offset}").json()["channels"] for offset in (0, 5)]

    assert pages[0] + pages[1] == whole
    assert [channel["rank"] for channel in whole] == list(range(1, 11))


def test_a_hostile_title_travels_as_it_is_and_only_as_json(client):
    answer = client.get("/api/v1/live?platform=twitch&limit=100")

    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert HOSTILE_TITLE in [broadcast["title"] for broadcast in answer.json()["broadcasts"]]


def test_the_csv_holds_what_the_json_holds(client):
    ranking = client.get("/api/v1/rankings/channels?metric=peak&limit=50").json()
    answer = client.get("/api/v1/rankings/channels?metric=peak&limit=50&format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="airtide-peak-all-2026-03-09-UTC.csv"'
    assert len(rows) == len(ranking["channels"]) > 5
    for row, channel in zip(rows, ranking["channels"], strict=True):
        assert int(row["rank"]) == channel["rank"]
        assert float(row["hours_watched"]) == channel["hours_watched"]
        assert row["average_viewers"] == ("" if channel["average_viewers"] is None else str(channel["average_viewers"]))
        assert row["is_new"] == json.dumps(channel["is_new"])
        assert (row["day"], row["zone"], row["data"], row["computed_by"]) == (
            ranking["day"],
            ranking["zone"],
            "simulated",
            "Airtide",
        )


def test_no_name_in_the_csv_can_become_a_formula(client):
    answer = client.get("/api/v1/rankings/channels?platform=soop&format=csv")
    names = [row["channel_name"] for row in csv.DictReader(io.StringIO(answer.text))]

    assert f"'{HOSTILE_NAME}" in names
    assert not [name for name in names if name.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_a_channel_is_found_by_a_piece_of_its_name_in_any_case(client):
    found = client.get("/api/v1/channels?q=KESTR").json()["channels"]

    assert {channel["channel_name"] for channel in found} == {"Kestrel"}
    assert len(found) == 3


@pytest.mark.parametrize("q", ["%", "N_va", "\\", "' OR 1=1 --", "k%l"])
def test_nothing_in_a_search_is_a_pattern_or_a_statement(client, q):
    assert client.get("/api/v1/channels", params={"q": q}).json()["channels"] == []


def test_holes_of_a_platform_are_null_and_partial_sweeps_are_named(client):
    series = client.get("/api/v1/platforms/series?hours=24").json()
    twitch = next(one for one in series["platforms"] if one["platform"] == "twitch")
    youtube = next(one for one in series["platforms"] if one["platform"] == "youtube")

    assert series["buckets"] == {"from_at": "2026-03-09T12:10:00Z", "step_s": 300, "count": 288}
    assert {len(one["viewers"]) for one in series["platforms"]} == {288}
    assert twitch["viewers"].count(None) == 15
    assert youtube["viewers"].count(None) == 0
    assert twitch["incomplete"] == [258]
    assert len(twitch["hours"]) == 24


def test_the_state_of_collection_names_every_platform_with_its_last_sweep(client):
    state = client.get("/api/v1/collection").json()
    soop = next(one for one in state["platforms"] if one["platform"] == "soop")

    assert [one["platform"] for one in state["platforms"]] == list(POLLED_PLATFORMS)
    assert soop["last_sweep"]["sampled_at"] == "2026-03-10T12:05:00Z"
    assert (soop["ticks_due"], soop["ticks_complete"], soop["known_lag"]) == (288, 288, 0)
    assert (soop["dead_letters"], state["dead_letters"][0]["reason"]) == (3, "broad_no is missing")


def test_collection_tells_how_landings_stand(client):
    landings = {one["platform"]: one["landing"] for one in client.get("/api/v1/collection").json()["platforms"]}
    soop = landings["soop"]

    assert (soop["lag_messages"], soop["waiting_since"]) == (1234, "2026-03-10T12:01:00Z")
    assert (soop["messages_per_s"], soop["batches"], soop["landed_at"]) == (2000, 2, "2026-03-10T12:00:00Z")
    assert [(lag["topic_partition"], lag["messages"]) for lag in soop["lags"]] == [(0, 1234)]
    assert soop["error"] == "batch 7 of soop: <b>21 bad messages</b> in a row"
    assert soop["failing_since"] == "2026-03-10T12:01:00Z"
    assert landings["twitch"] is None


def test_collection_tells_how_capturing_pictures_stands(client):
    captures = {one["platform"]: one["capture"] for one in client.get("/api/v1/collection").json()["platforms"]}
    soop = captures["soop"]

    assert (soop["lag_messages"], soop["waiting_since"], soop["pictures"]) == (1234, "2026-03-10T12:01:00Z", 77)
    assert (soop["captured_at"], soop["failing_since"]) == ("2026-03-10T12:00:00Z", "2026-03-10T12:01:00Z")
    assert soop["error"] == "the store is <b>down</b>"
    assert captures["twitch"] is None


def test_collection_tells_what_sweeps_left_out_and_met_anew(client):
    sweeps = {one["platform"]: one["last_sweep"] for one in client.get("/api/v1/collection").json()["platforms"]}

    assert [sweeps[p]["viewer_floor"] for p in ("youtube", "twitch", "soop")] == [None, 5, None]
    assert sweeps["soop"]["unknown_fields"] == {"<b>isRerun</b>": 4}
    assert not sweeps["twitch"]["is_filtered"]


def test_the_state_of_collection_tells_what_is_spent_and_left_of_each_quota(client):
    buckets = {one["bucket"]: one for one in client.get("/api/v1/collection").json()["quotas"]}
    units, searches, points = (buckets[name] for name in ("youtube.units", "youtube.search", "twitch.points"))

    assert (units["spent"], units["left"], units["limit"]) == (UNITS_BOOKED, 10_000 - UNITS_BOOKED, 10_000)
    # 12:07 UTC is 5 h 7 min into the day of the Pacific coast, by its summer time
    assert (units["resets_at"], units["projected"]) == ("2026-03-11T07:00:00Z", -(-UNITS_BOOKED * 1440 // 307))
    assert (searches["spent"], searches["left"], searches["is_closed"]) == (34, 0, True)
    assert (points["per"], points["limit"], points["told_at"]) == ("minute", 800, "2026-03-10T12:05:00Z")
    assert 0 < points["spent"] == 800 - points["left"]
    assert {one["platform"] for one in buckets.values()} == set(POLLED_PLATFORMS)


def test_what_a_check_found_is_told_and_keeps_the_day_provisional(client):
    told = client.get("/api/v1/quality").json()
    [blocking, warning] = told["failures"]

    assert (blocking["platform"], blocking["check_name"], blocking["severity"]) == (
        "soop",
        "uncounted_samples",
        "block",
    )
    assert (warning["check_name"], warning["observed"], warning["most"]) == ("silent_minutes", 60, 20)
    assert [(one["platform"], one["checks"], one["passed"]) for one in told["platforms"]] == [
        ("soop", 2, 1),
        ("twitch", 1, 0),
    ]
    days = {day["day"]: day for day in client.get("/api/v1/days").json()["days"]}
    assert (days["2026-03-10"]["is_provisional"], days["2026-03-10"]["blocked_platforms"]) == (True, ["soop"])
    assert (days["2026-03-09"]["is_provisional"], days["2026-03-09"]["blocked_platforms"]) == (False, [])
    ranking = client.get("/api/v1/rankings/channels?day=2026-03-10").json()
    assert (ranking["is_provisional"], ranking["blocked_platforms"]) == (True, ["soop"])


def test_definitions_name_the_settings_that_numbers_depend_on(client):
    told = client.get("/api/v1/definitions").json()

    assert told["zones"] == ["UTC", "Asia/Seoul"]
    assert told["low_coverage"] == 0.9
    assert {definition["term"] for definition in told["definitions"]} >= {"Hours watched", "Coverage", "Known share"}


def test_the_schema_describes_every_route_and_no_file(client):
    paths = client.get("/api/v1/openapi.json").json()["paths"]

    assert set(paths) == {
        "/api/v1/live",
        "/api/v1/days",
        "/api/v1/rankings/channels",
        "/api/v1/rankings/lists",
        "/api/v1/channels",
        "/api/v1/channels/{platform}/{channel_id}",
        "/api/v1/broadcasts/{platform}/{broadcast_id}/pictures",
        "/api/v1/thumbnails/{sha256}",
        "/api/v1/platforms/series",
        "/api/v1/quality",
        "/api/v1/collection",
        "/api/v1/definitions",
    }
    assert {method for operations in paths.values() for method in operations} == {"get"}
