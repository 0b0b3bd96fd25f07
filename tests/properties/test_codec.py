"""Messages: what is written is what is read, and nothing that is read can stop a landing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from airtide.bus.decode import decode_snapshots, decode_sweeps
from airtide.bus.encode import encode_snapshot, encode_sweep
from airtide.bus.records import RawRecord
from airtide.bus.schemas import generate_schemas
from airtide.domain.models import Outcome, Platform, Scope, Snapshot, Sweep

SNAPSHOT_SCHEMA, SWEEP_SCHEMA = map(Draft202012Validator, generate_schemas().values())
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
ids = texts.filter(bool)
zones = st.sampled_from([UTC, timezone(timedelta(hours=9)), timezone(timedelta(hours=-3, minutes=-30))])
instants = st.builds(
    lambda epoch_ms, zone: (EPOCH + timedelta(milliseconds=epoch_ms)).astimezone(zone),
    st.integers(0, 4_102_444_800_000),
    zones,
)
ticks = instants.map(lambda instant: instant.replace(microsecond=0))
counts = st.integers(0, 2**31 - 1)
platforms = st.sampled_from(Platform)

snapshots = st.builds(
    Snapshot,
    platform=platforms,
    sweep_id=ids,
    sampled_at=ticks,
    fetched_at=instants,
    broadcast_id=ids,
    channel_id=ids,
    viewers=st.none() | counts,
    cadence_s=st.integers(1, 1800),
    channel_handle=st.none() | texts,
    channel_name=st.none() | texts,
    title=st.none() | texts,
    category_id=st.none() | ids,
    category_name=st.none() | ids,
    language=st.none() | ids,
    started_at=st.none() | instants,
    ended_at=st.none() | instants,
    thumbnail_url=st.none() | texts,
    watch_url=st.none() | texts,
    is_mature=st.none() | st.booleans(),
    tags=st.lists(texts, max_size=3).map(tuple),
    flags=st.lists(texts, max_size=3).map(tuple),
)
sweeps = st.builds(
    Sweep,
    sweep_id=ids,
    platform=platforms,
    sampled_at=ticks,
    started_at=instants,
    finished_at=instants,
    outcome=st.sampled_from(Outcome),
    scope=st.sampled_from(Scope),
    pages=counts,
    requests=counts,
    snapshots=counts,
    duplicates=counts,
    rejects=counts,
    absent=st.lists(ids, max_size=3).map(tuple),
    spend=st.dictionaries(texts, counts, max_size=3),
    error=st.none() | texts,
    end_offsets=st.dictionaries(st.integers(0, 99), st.integers(0, 2**63 - 1), max_size=4),
)


def epoch_ms(instant: datetime | None) -> int | None:
    return None if instant is None else (instant - EPOCH) // timedelta(milliseconds=1)


def record(value: bytes | None) -> RawRecord:
    return RawRecord("topic", 3, 41, value)


@given(snapshots)
def test_a_snapshot_is_read_as_it_was_written(snapshot):
    columns, dead_letters = decode_snapshots(snapshot.platform, [record(encode_snapshot(snapshot))])
    assert dead_letters == []
    [row] = [{name: getattr(columns, name)[0] for name in columns.__slots__}]
    assert (row.pop("topic_partition"), row.pop("record_offset")) == (3, 41)
    assert row.pop("sampled_at_ms") == epoch_ms(snapshot.sampled_at)
    assert row.pop("fetched_at_ms") == epoch_ms(snapshot.fetched_at)
    assert row.pop("started_at_ms") == epoch_ms(snapshot.started_at)
    assert row.pop("ended_at_ms") == epoch_ms(snapshot.ended_at)
    assert row == {name: getattr(snapshot, name) for name in row}


@given(sweeps)
def test_a_sweep_is_read_as_it_was_written(sweep):
    [found], dead_letters = decode_sweeps(sweep.platform, [record(encode_sweep(sweep))])
    assert dead_letters == []
    assert found.sweep == sweep


@given(snapshots)
def test_a_snapshot_obeys_its_published_schema(snapshot):
    SNAPSHOT_SCHEMA.validate(json.loads(encode_snapshot(snapshot)))


@given(sweeps)
def test_a_sweep_obeys_its_published_schema(sweep):
    SWEEP_SCHEMA.validate(json.loads(encode_sweep(sweep)))


wild_texts = st.text(st.characters() | st.sampled_from("\0\ud800\udfff"), max_size=20)


@given(wild_texts, wild_texts)
@example("\0", "\ud83d")
@example("\\u0000", "")
def test_whatever_a_site_calls_a_broadcast_can_be_stored(title, tag):
    snapshot = Snapshot(
        platform=Platform.SOOP,
        sweep_id="s",
        sampled_at=EPOCH,
        fetched_at=EPOCH,
        broadcast_id="b",
        channel_id="c",
        viewers=1,
        cadence_s=60,
        title=title,
        tags=(tag,),
    )
    columns, dead_letters = decode_snapshots(Platform.SOOP, [record(encode_snapshot(snapshot))])
    assert dead_letters == []
    for found, given_text in ((columns.title[0], title), (columns.tags[0][0], tag)):
        found.encode()
        assert "\0" not in found
        assert len(found) == len(given_text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def broken_messages(draw: st.DrawFn) -> bytes:
    """A real message with some fields replaced by anything, perhaps cut off."""
    if draw(st.booleans()):
        return draw(st.binary(max_size=60))
    message = json.loads(draw(snapshots.map(encode_snapshot) | sweeps.map(encode_sweep)))
    for name in draw(st.lists(st.sampled_from(sorted(message)), max_size=3)):
        message[name] = draw(json_values)
    value = json.dumps(message, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    return value[: draw(st.integers(0, len(value)))] if draw(st.booleans()) else value


@given(st.lists(st.none() | broken_messages(), max_size=5), platforms)
@example([b'{"v":1,"viewers":-1,'], Platform.TWITCH)
@example([b'{"x":' + b"[" * 100_000], Platform.TWITCH)
@example([b'{"v":1,"platform":"' + b"\\u0000" + b'"}'], Platform.TWITCH)
@example([b"\xff\xfe", b"", b"[]", b"null", b"1"], Platform.TWITCH)
def test_nothing_in_a_message_stops_a_landing(values, platform):
    records = [RawRecord("topic", 0, offset, value) for offset, value in enumerate(values)]
    columns, bad_snapshots = decode_snapshots(platform, records)
    found, bad_sweeps = decode_sweeps(platform, records)
    offsets = range(len(values))
    assert sorted([*columns.record_offset, *(letter.record_offset for letter in bad_snapshots)]) == list(offsets)
    assert sorted([s.record_offset for s in found] + [letter.record_offset for letter in bad_sweeps]) == list(offsets)
    for letter in (*bad_snapshots, *bad_sweeps):
        assert letter.raw == values[letter.record_offset]
        assert letter.reason
        assert "\0" not in letter.reason + letter.detail
