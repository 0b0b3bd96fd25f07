from __future__ import annotations

import json
from typing import Any

import pytest
from tests.fakes.observations import make_snapshot, make_sweep

from airtide.bus.decode import decode_snapshots, decode_sweeps
from airtide.bus.encode import encode_snapshot, encode_sweep
from airtide.bus.records import REJECT_HEADER, RawRecord
from airtide.domain.batches import DeadLetter
from airtide.domain.models import Platform

SNAPSHOT = json.loads(encode_snapshot(make_snapshot()))
SWEEP = json.loads(encode_sweep(make_sweep(end_offsets={0: 1})))


def record(value: Any, headers: list[tuple[str, bytes | None]] | None = None) -> RawRecord:
    raw = value if isinstance(value, bytes) or value is None else json.dumps(value).encode()
    return RawRecord("topic", 2, 17, raw, headers)


def refuse_snapshot(value: Any, headers: list[tuple[str, bytes | None]] | None = None) -> DeadLetter:
    columns, [letter] = decode_snapshots(Platform.CHZZK, [record(value, headers)])
    assert len(columns) == 0
    return letter


def refuse_sweep(value: Any) -> DeadLetter:
    [], [letter] = decode_sweeps(Platform.CHZZK, [record(value)])
    return letter


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("viewers", -1),
        ("viewers", 1.5),
        ("viewers", "7"),
        ("viewers", 2**31),
        ("cadence_s", 0),
        ("cadence_s", 1801),
        ("cadence_s", None),
        ("sampled_at", "2026-01-31T12:00:00.500Z"),
        ("sampled_at", "2026-01-31T12:00:00+00:00"),
        ("sampled_at", 1769860800),
        ("fetched_at", "2026-01-31T12:00:00"),
        ("started_at", "yesterday"),
        ("ended_at", "2026-02-30T00:00:00Z"),
        ("broadcast_id", ""),
        ("broadcast_id", 7),
        ("broadcast_id", "b" * 256),
        ("channel_id", ""),
        ("sweep_id", ""),
        ("category_id", ""),
        ("language", ""),
        ("platform", "youtube.com"),
        ("tags", "fps"),
        ("tags", [1]),
        ("title", "a\0b"),
        ("is_mature", "no"),
        ("v", "1"),
        ("v", None),
    ],
)
def test_a_value_out_of_bounds_makes_a_dead_letter(field, value):
    letter = refuse_snapshot(SNAPSHOT | {field: value})
    assert letter.reason == "invalid"
    assert letter.detail


REQUIRED = "v sampled_at fetched_at viewers sweep_id platform broadcast_id channel_id cadence_s"


@pytest.mark.parametrize("field", REQUIRED.split())
def test_a_missing_field_makes_a_dead_letter_that_names_it(field):
    letter = refuse_snapshot({name: value for name, value in SNAPSHOT.items() if name != field})
    assert letter.reason == "invalid"
    assert field in letter.detail


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("outcome", "done"),
        ("scope", ""),
        ("end_offsets", {"0": -1}),
        ("end_offsets", {"zero": 1}),
        ("spend", {"x": -1}),
    ],
)
def test_a_sweep_out_of_bounds_makes_a_dead_letter(field, value):
    assert refuse_sweep(SWEEP | {field: value}).reason == "invalid"


@pytest.mark.parametrize("field", ["sampled_at", "started_at", "finished_at"])
def test_a_sweep_with_a_wrong_time_makes_a_dead_letter(field):
    letter = refuse_sweep(SWEEP | {field: "noon"})
    assert (letter.reason, "noon" in letter.detail) == ("invalid", True)


@pytest.mark.parametrize("version", [0, 2, 99])
def test_another_version_is_told_apart_from_a_bad_message(version):
    assert refuse_snapshot({"v": version, "whatever": 1}).reason == "unknown_version"
    assert refuse_sweep(SWEEP | {"v": version}).reason == "unknown_version"


@pytest.mark.parametrize("value", [b"", b"{", b"\xff", b"not json", b"{}{}", b'{"v":1,"viewers":-1,,'])
def test_what_is_no_json_makes_a_dead_letter(value):
    assert refuse_snapshot(value).reason == "not_json"


def test_a_tombstone_makes_a_dead_letter():
    letter = refuse_snapshot(None)
    assert (letter.reason, letter.raw) == ("no_value", None)


def test_a_message_of_another_platform_makes_a_dead_letter():
    assert refuse_snapshot(SNAPSHOT | {"platform": "kick"}).reason == "wrong_platform"


def test_a_dead_letter_says_where_it_stood_and_keeps_what_it_was():
    letter = refuse_snapshot(b"{", [("trace", b"7"), ("empty", None)])
    assert (letter.topic, letter.topic_partition, letter.record_offset) == ("topic", 2, 17)
    assert (letter.raw, list(letter.headers)) == (b"{", [("trace", b"7"), ("empty", None)])


@pytest.mark.parametrize(
    ("told", "reason"),
    [(b"no_channel", "no_channel"), (b"", "unknown"), (None, "unknown"), (b"\xff", "\N{REPLACEMENT CHARACTER}")],
)
def test_a_rejected_record_is_never_decoded_even_when_it_could_be(told, reason):
    assert refuse_snapshot(SNAPSHOT, [(REJECT_HEADER, told)]).reason == reason


def test_fields_of_later_programs_are_ignored():
    columns, dead_letters = decode_snapshots(Platform.CHZZK, [record(SNAPSHOT | {"bitrate": {"kbps": 6000}})])
    assert (columns.broadcast_id, dead_letters) == (["b1"], [])


def test_a_title_that_only_looks_like_an_escape_is_kept():
    columns, _ = decode_snapshots(Platform.CHZZK, [record(SNAPSHOT | {"title": "\\u0000"})])
    assert columns.title == ["\\u0000"]


def test_hidden_viewers_are_written_and_read_as_null_never_as_nothing():
    hidden = json.loads(encode_snapshot(make_snapshot(viewers=None)))
    assert hidden["viewers"] is None
    columns, _ = decode_snapshots(Platform.CHZZK, [record(hidden)])
    assert columns.viewers == [None]


def test_what_changes_with_every_sweep_stands_first():
    assert list(SNAPSHOT)[:5] == ["v", "sampled_at", "fetched_at", "viewers", "sweep_id"]
    one = encode_snapshot(make_snapshot(viewers=1, title="제목"))
    other = encode_snapshot(make_snapshot(viewers=22, title="제목", sweep_id="another sweep"))
    assert one[one.index(b'"platform"') :] == other[other.index(b'"platform"') :]


def test_an_empty_category_or_language_becomes_null():
    bare = encode_snapshot(make_snapshot(category_id="", category_name="", language=""))
    columns, dead_letters = decode_snapshots(Platform.CHZZK, [record(bare)])
    assert dead_letters == []
    assert (columns.category_id, columns.category_name, columns.language) == ([None], [None], [None])
