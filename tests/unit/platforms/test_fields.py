"""New fields of a site are counted by clean names, within bounds, and never those that are known."""

from __future__ import annotations

import json
import time
from typing import Any

import msgspec
import pytest
from tests.unit.platforms.parser_cases import CASES, PARSERS, read_full_record

from airtide.domain.models import Platform
from airtide.domain.pages import Tally
from airtide.platforms.chzzk.parse import LIVE_FIELDS
from airtide.platforms.fields import MAX_NAME_LENGTH, MAX_NAMES, SAMPLE_EVERY, FieldWatch
from airtide.platforms.kick.parse import LIVESTREAM_FIELDS, LIVESTREAM_FIELDS_V1
from airtide.platforms.soop.parse import BROAD_FIELDS
from airtide.platforms.twitch.parse import STREAM_FIELDS
from airtide.platforms.youtube.parse import VIDEO_FIELDS

WATCHES = {
    Platform.TWITCH: STREAM_FIELDS,
    Platform.SOOP: BROAD_FIELDS,
    Platform.YOUTUBE: VIDEO_FIELDS,
    Platform.CHZZK: LIVE_FIELDS,
    Platform.KICK: LIVESTREAM_FIELDS,
}


class Inner(msgspec.Struct, rename="camel"):
    """A field of fields."""

    some_name: str | None = None


class Outer(msgspec.Struct):
    """A record."""

    id: str
    inner: Inner | None = None
    names: dict[str, Inner] = {}


WATCH = FieldWatch(Outer, ignored=("etag", "inner.kind"))


def raw(record: Any) -> msgspec.Raw:
    return msgspec.Raw(json.dumps(record).encode())


def count(*records: Any, watch: FieldWatch = WATCH) -> dict[str, int]:
    """Count the new fields of records that are each the first of a page."""
    tally = Tally()
    for record in records:
        watch.count_new([raw(record)], tally)
    return tally.unknown_fields


@pytest.mark.parametrize(
    ("record", "new"),
    [
        ({"id": "a", "etag": "x", "inner": {"someName": "b", "kind": "c"}}, {}),
        ({"id": "a", "colour": "red"}, {"colour": 1}),
        ({"id": "a", "inner": {"colour": {"deep": 1}}}, {"inner.colour": 1}),
        ({"id": "a", "inner": {"some_name": "b"}}, {"inner.some_name": 1}),
        ({"id": "a", "inner": None, "names": {"anything": {"at": "all"}}}, {}),
        ({"id": 7, "inner": [], "colour": 1}, {"colour": 1}),
        ([], {}),
        ("text", {}),
        ({}, {}),
    ],
    ids=str,
)
def test_only_fields_that_nobody_knows_are_new(record: Any, new: dict[str, int]) -> None:
    assert count(record) == new


def test_records_that_have_a_new_field_are_counted_over_all_pages() -> None:
    assert count({"id": "a", "colour": 1}, {"id": "b"}, {"id": "c", "colour": None}) == {"colour": 2}


def test_a_sample_of_each_page_is_looked_at() -> None:
    tally = Tally()
    WATCH.count_new([raw({"id": "a", "colour": 1})] * (2 * SAMPLE_EVERY + 1), tally)
    assert tally.unknown_fields == {"colour": 3}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("<script>", "?script?"),
        ("a\nb\x00\x1b[31m", "a?b???31m"),
        ("색깔", "??"),
        ("x" * 500, "x" * MAX_NAME_LENGTH),
        ("", ""),
        ("key=canary&a?b", "key?canary?a?b"),
    ],
    ids=repr,
)
def test_a_strange_name_is_cleaned(name: str, shown: str) -> None:
    assert count({"id": "a", name: 1}) == {shown: 1}


def test_no_more_names_are_kept_than_a_message_should_hold() -> None:
    invented = count(*({"id": "a", f"field{number}": 1} for number in range(500)), {"id": "a", "field0": 1})
    assert len(invented) == MAX_NAMES
    assert invented["field0"] == 2


@pytest.mark.parametrize("bad", [b"", b"{", b"\xff", b'{"\xff": 1}', b"[" * 100_000], ids=lambda bad: bad[:6])
def test_what_is_no_record_has_no_new_fields(bad: bytes) -> None:
    tally = Tally()
    WATCH.count_new([msgspec.Raw(bad)], tally)
    assert tally.unknown_fields == {}


def test_an_ignored_field_of_an_unknown_parent_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        FieldWatch(Outer, ignored=("outer.kind",))


@pytest.mark.parametrize("platform", WATCHES)
def test_what_a_site_is_known_to_send_is_not_new(platform: Platform) -> None:
    record = read_full_record(platform)
    assert count(record, watch=WATCHES[platform]) == {}
    assert count({**record, "is_brand_new": 1}, watch=WATCHES[platform]) == {"is_brand_new": 1}


def test_what_version_1_of_kick_is_known_to_send_is_not_new() -> None:
    [record] = [case["record"] for site, name, case in CASES if site is Platform.KICK and name == "v1_full"]
    assert count(record, watch=LIVESTREAM_FIELDS_V1) == {}
    assert count({**record, "id": "now with one"}, watch=LIVESTREAM_FIELDS_V1) == {"id": 1}


@pytest.mark.parametrize("platform", WATCHES)
def test_looking_for_new_fields_costs_little_beside_parsing(platform: Platform) -> None:
    page = [raw(read_full_record(platform))] * 1000
    tally = Tally()

    def measure(work: Any) -> float:
        times = []
        for _ in range(5):
            began = time.process_time()
            work()
            times.append(time.process_time() - began)
        return min(times)

    looking = measure(lambda: WATCHES[platform].count_new(page, tally))
    parsing = measure(lambda: [PARSERS[platform](bytes(one)) for one in page])
    assert looking < 0.1 * parsing
