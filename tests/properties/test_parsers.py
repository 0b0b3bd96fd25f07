"""Whatever a site does to one of its records, the parser gives a typed snapshot or refuses that record alone."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.platforms.parser_cases import CASES, OBSERVATIONS, PAGE_PARSERS, PARSERS, write_record

from airtide.domain.errors import BadRecord
from airtide.domain.models import Platform, Snapshot
from airtide.platforms.parsing import RecordParser
from airtide.platforms.records import MAX_VIEWERS
from airtide.platforms.youtube.parse import read_announcement

RAWS = msgspec.json.Decoder(list[msgspec.Raw])

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.sampled_from(["0", "-1", "2026-11-21T10:00:07Z", "9999-12-31T23:59:59-12:00", "0000-00-00 00:00:00", "//x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def list_places(record: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Give the path of every field of a record, fields of fields included."""
    if isinstance(record, dict):
        for key, value in record.items():
            yield (*place, key)
            yield from list_places(value, (*place, key))


@st.composite
def mutated_records(
    draw: st.DrawFn, cases: Sequence[tuple[Platform, str, Any]] = CASES, fewest: int = 1
) -> tuple[Platform, bytes]:
    """Give a fixture record with up to three of its fields replaced or gone."""
    platform, _, case = draw(st.sampled_from(cases))
    record = copy.deepcopy(case["record"])
    for _ in range(draw(st.integers(fewest, 3))):
        *parents, last = draw(st.sampled_from(list(list_places(record)) or [("id",)]))
        holder = record
        for key in parents:
            holder = holder[key]
        if draw(st.booleans()):
            holder.pop(last, None)
        else:
            holder[last] = draw(VALUES)
    return platform, write_record(record)


@given(mutated_records())
def test_a_mutated_record_is_typed_or_refused(mutated: tuple[Platform, bytes]) -> None:
    platform, raw = mutated
    try:
        snapshot = PARSERS[platform](raw)
    except BadRecord:
        return
    if snapshot is not None:
        check_types(platform, snapshot)


@given(mutated_records())
@example((Platform.YOUTUBE, b'{"liveStreamingDetails": {"scheduledStartTime": "9999-12-31T23:59:59-12:00"}}'))
@example((Platform.YOUTUBE, b'{"liveStreamingDetails": {"scheduledStartTime": "0001-01-01T00:00:00+12:00"}}'))
def test_whatever_stands_for_an_announced_start_is_a_time_in_utc_or_none(mutated: tuple[Platform, bytes]) -> None:
    is_broadcast, start = read_announcement(mutated[1])
    assert start is None or (is_broadcast and start.utcoffset() == timedelta())


@st.composite
def pages(draw: st.DrawFn) -> tuple[Platform, RecordParser[Any], list[msgspec.Raw]]:
    """Give the records of a page as its envelope holds them, some or none of them wrong, and their parser."""
    platform, parser = draw(st.sampled_from(PAGE_PARSERS))
    whole = [case for case in CASES if case[0] is platform and case[2].get("expect")]
    good = st.sampled_from([write_record(case["record"]) for _, _, case in whole])
    wrong = mutated_records([case for case in CASES if case[0] is platform], fewest=0).map(itemgetter(1))
    records = draw(st.lists(good, max_size=4) | st.lists(good | wrong, max_size=4))
    return platform, parser, RAWS.decode(b"[%b]" % b",".join(records))


@given(pages())
def test_a_page_parsed_at_once_gives_what_its_records_give_one_by_one(
    page: tuple[Platform, RecordParser[Any], list[msgspec.Raw]],
) -> None:
    platform, parser, raws = page
    snapshots: list[Snapshot] = []
    refused: list[tuple[str, bytes]] = []
    waiting: list[bytes] = []
    for raw in raws:
        try:
            snapshot = parser.parse(raw, OBSERVATIONS[platform])
        except BadRecord as error:
            refused.append((str(error), bytes(raw)))
        else:
            if snapshot is None:
                waiting.append(bytes(raw))
            else:
                snapshots.append(snapshot)
    for decoded in (None, parser.decode_page(raws)):
        parsed = parser.parse_page(raws, OBSERVATIONS[platform], decoded)
        assert parsed.snapshots == snapshots
        assert [(reject.reason, reject.raw) for reject in parsed.rejects] == refused
        assert [bytes(raw) for raw in parsed.waiting] == waiting


@given(st.sampled_from(sorted(PARSERS)), st.binary())
def test_arbitrary_bytes_are_refused(platform: Platform, raw: bytes) -> None:
    try:
        PARSERS[platform](raw)
    except BadRecord:
        return
    raise AssertionError("bytes without a required field gave a snapshot")


@given(st.data())
def test_a_record_cut_short_is_refused(data: st.DataObject) -> None:
    platform, _, case = data.draw(st.sampled_from(CASES))
    raw = write_record(case["record"])
    cut = raw[: data.draw(st.integers(0, len(raw) - 1))]
    try:
        PARSERS[platform](cut)
    except BadRecord:
        return
    raise AssertionError("half a record gave a snapshot")


def check_types(platform: Platform, snapshot: Snapshot) -> None:
    """Hold a snapshot to what all rooms after the parser trust."""
    assert snapshot.platform is platform
    for text in (snapshot.broadcast_id, snapshot.channel_id):
        assert isinstance(text, str)
        assert text
        assert "\x00" not in text
    assert snapshot.viewers is None or (type(snapshot.viewers) is int and 0 <= snapshot.viewers <= MAX_VIEWERS)
    optional = (
        snapshot.channel_handle,
        snapshot.channel_name,
        snapshot.title,
        snapshot.category_id,
        snapshot.category_name,
        snapshot.language,
        snapshot.thumbnail_url,
        snapshot.watch_url,
    )
    for text in (*(one for one in optional if one is not None), *snapshot.tags, *snapshot.flags):
        assert isinstance(text, str)
        assert text
        assert "\x00" not in text
        text.encode()
    for moment in (snapshot.started_at, snapshot.ended_at):
        assert moment is None or (isinstance(moment, datetime) and moment.tzinfo is UTC)
    for url in (snapshot.thumbnail_url, snapshot.watch_url):
        assert url is None or url.startswith("https://")
    assert snapshot.is_mature in (None, True, False)
