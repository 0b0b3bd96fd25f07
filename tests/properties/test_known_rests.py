"""Messages recognised by their unchanged rest: decoded to the last field as their struct says, whoever wrote them."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.fakes.observations import make_snapshot
from tests.properties.test_codec import snapshots

from airtide.bus.decode import SnapshotDecoder
from airtide.bus.encode import encode_snapshot
from airtide.bus.instants import read_instant_ms, read_tick_ms
from airtide.bus.messages import SnapshotMessage
from airtide.bus.records import RawRecord, RecordRefused, Refusal, read_message, to_dead_letter
from airtide.domain.batches import SnapshotColumns
from airtide.domain.models import Platform

PLATFORM = Platform.CHZZK
DECODER = msgspec.json.Decoder(SnapshotMessage)
OWN = encode_snapshot(make_snapshot(title='a ",\\"platform\\":" in a title', channel_name="이름", tags=("a", "b")))
HEAD, REST = OWN[: OWN.index(b',"platform":')], OWN[OWN.index(b',"platform":') :]

fragments = st.sampled_from(
    [
        *(b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b" ", b"\n", b"null", b"1", b"-1"),
        *(b"\xff", b"\\u0000", b"\\ud800", REST, HEAD, OWN),
        *(b',"platform":', b',"platform":"twitch"', b',"viewers":5', b',"viewers":null', b',"v":2'),
        *(b',"title":"\\u0061"', b',"broadcast_id":"other"', b',"broadcast_id":5', b',"sweep_id":"x\\u0000"'),
        *(b',"unknown":{"a":[1,{}]}', b',"sampled_at":"2026-01-31T12:00:01Z"', b',"sampled_at":"yesterday"'),
        b',"fetched_at":7',
    ]
)


@st.composite
def meddled(draw: st.DrawFn, value: bytes) -> bytes:
    """Return a message with a few fragments put into it, over it, or cut out of it, most of them around its rest."""
    for _ in range(draw(st.integers(0, 3))):
        places = st.integers(0, len(value)) | st.sampled_from([1, max(0, value.find(b',"platform":')), len(value)])
        start = draw(places)
        end = draw(st.just(start) | st.integers(start, min(len(value), start + 12)))
        value = value[:start] + draw(fragments | st.just(b"")) + value[end:]
    return value


@st.composite
def rewritten(draw: st.DrawFn, value: bytes) -> bytes:
    """Return a message as another program may write it: other order, escapes, white space, unknown fields."""
    told = list(json.loads(value).items())
    if draw(st.booleans()):
        told = draw(st.permutations(told))
    if draw(st.booleans()):
        told.insert(draw(st.integers(0, len(told))), ("kbps", {"platform": "x"}))
    separators = draw(st.sampled_from([(",", ":"), (", ", ": ")]))
    return json.dumps(dict(told), ensure_ascii=draw(st.booleans()), separators=separators).encode()


def messages_like(snapshot) -> st.SearchStrategy[bytes]:
    """Return messages of one broadcast: as we write them, sweep after sweep, as others write them, and broken ones."""
    own = encode_snapshot(replace(snapshot, platform=PLATFORM))
    again = encode_snapshot(replace(snapshot, platform=PLATFORM, viewers=7, sweep_id="the next"))
    known = st.sampled_from([own, again, OWN])
    return known | known.flatmap(meddled) | known.flatmap(rewritten)


def decode_one_by_one(records: list[RawRecord]):
    """Return what each message says by its struct alone, row by row, and the dead letters."""
    rows, letters = [], []
    for record in records:
        try:
            message = read_message(record, PLATFORM, DECODER)
            rows.append(_row(record, message))
        except RecordRefused as refused:
            letters.append(to_dead_letter(record, refused))
        except ValueError as error:
            letters.append(to_dead_letter(record, RecordRefused(Refusal.INVALID, str(error))))
    return rows, letters


def _row(record: RawRecord, message: SnapshotMessage) -> dict[str, object]:
    row = {"topic_partition": record.topic_partition, "record_offset": record.record_offset}
    row["sampled_at_ms"] = read_tick_ms(message.sampled_at)
    for name in ("fetched_at", "started_at", "ended_at"):
        text = getattr(message, name)
        row[f"{name}_ms"] = None if text is None else read_instant_ms(text)
    names = [column.name for column in fields(SnapshotColumns) if column.name not in row]
    return row | {name: getattr(message, name) for name in names}


def rows_of(columns: SnapshotColumns) -> list[dict[str, object]]:
    names = [column.name for column in fields(columns)]
    return [dict(zip(names, row, strict=True)) for row in zip(*(getattr(columns, n) for n in names), strict=True)]


def assert_decoded_alike(values: list[bytes | None], batches: int = 2) -> None:
    """Decode the values in so many batches of one run and compare with their structs."""
    records = [RawRecord("topic", n % 2, n, value) for n, value in enumerate(values)]
    decoder = SnapshotDecoder(PLATFORM)
    size = max(1, -(-len(records) // batches))
    for start in range(0, len(records), size):
        part = records[start : start + size]
        columns, letters = decoder.decode(part)
        assert (rows_of(columns), letters) == decode_one_by_one(part)


@settings(max_examples=300)
@given(snapshots.flatmap(lambda snapshot: st.lists(messages_like(snapshot), max_size=8)))
@example(
    [OWN, HEAD + b',"viewers":5' + REST, HEAD + b',"broadcast_id":5' + REST, b"{" + REST, REST, HEAD + b"}" + REST]
)
@example([OWN, OWN[:-1] + b',"viewers":9}', OWN[:-1] + b',"platform":"chzzk"}', HEAD + b' ,"viewers":null' + REST])
@example([OWN, HEAD.replace(b"0badcafe", b"\\u0000") + REST, HEAD.replace(b'"v":1', b'"v":2') + REST, HEAD + REST * 2])
def test_a_known_rest_never_changes_what_a_message_says(values):
    assert_decoded_alike([OWN, *values])


def test_a_rest_is_read_once_whatever_stands_before_it(monkeypatch):
    decoder = SnapshotDecoder(PLATFORM)
    first, _ = decoder.decode([RawRecord("topic", 0, 0, OWN)])
    monkeypatch.setattr("airtide.bus.decode.read_message", None)
    again = encode_snapshot(
        replace(
            make_snapshot(title='a ",\\"platform\\":" in a title', channel_name="이름", tags=("a", "b")), viewers=None
        )
    )
    second, letters = decoder.decode([RawRecord("topic", 0, 1, again)])
    assert (letters, list(second.viewers), list(second.title)) == ([], [None], list(first.title))
    assert second.title.values is first.title.values


def test_what_is_forgotten_is_read_again(monkeypatch):
    monkeypatch.setattr("airtide.bus.rests.MOST_RESTS", 2)
    values = [encode_snapshot(make_snapshot(f"b{n % 5}", viewers=n)) for n in range(20)]
    assert_decoded_alike(values, batches=7)


def test_a_message_refused_by_the_poll_stays_refused_when_its_rest_is_known():
    records = [RawRecord("topic", 0, 0, OWN), RawRecord("topic", 0, 1, OWN, [("reject", b"no id")])]
    columns, [letter] = SnapshotDecoder(PLATFORM).decode(records)
    assert (list(columns.record_offset), letter.reason) == ([0], "no id")
