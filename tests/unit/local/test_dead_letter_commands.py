"""`airtide dead-letters`: what is typed wrong is one sentence, and nothing hostile reaches the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.bus import MemoryBroker, MemorySink
from tests.fakes.letters import MemoryLetters
from tests.fakes.observations import TICK, make_snapshot
from tests.unit.local.test_commands import run

from airtide.bus.encode import encode_snapshot
from airtide.bus.topics import snapshots_topic
from airtide.domain.batches import DeadLetter
from airtide.domain.clock import SetClock
from airtide.domain.errors import MisconfiguredError
from airtide.domain.models import Platform
from airtide.local import dead_letters
from airtide.local.safe_text import tame, tame_bytes
from airtide.settings import POLLED_PLATFORMS, load_settings
from airtide.wiring.letters import build_query

TOPIC = snapshots_topic(Platform.CHZZK)
HOSTILE = "\x1b[31mred\x1b]0;title\x07\r\n\u202eback[bold]"


class Parts:
    """What the commands reach: letters in memory, a broker in memory."""

    def __init__(self) -> None:
        self.settings = load_settings()
        self.letters = MemoryLetters()
        self.broker = MemoryBroker([Platform.CHZZK])
        self.sink = MemorySink(self.broker)
        self.clock = SetClock(TICK + timedelta(minutes=1))
        self.ledger = SimpleNamespace(read_raw_age=lambda _platform: timedelta(days=1))

    def keep(self, offset: int, raw: bytes | None, *, reason: str = "invalid", headers=()) -> None:
        letter = DeadLetter(
            topic=TOPIC,
            topic_partition=1,
            record_offset=offset,
            reason=reason,
            detail=HOSTILE,
            raw=raw,
            headers=headers,
        )
        self.letters.keep([letter], topic_id="t", found_at=TICK)

    def sent(self) -> list[bytes | None]:
        return [record.value for partition in self.broker.partitions(TOPIC) for record in partition.records]


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Parts:
    parts = Parts()

    @contextmanager
    def opened() -> Iterator[Parts]:
        yield parts

    monkeypatch.setattr(dead_letters, "open_adapters", opened)
    monkeypatch.setattr(dead_letters.console, "_width", 200)
    return parts


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["list", "--platform", "vine"], f"there is no site vine: there are {', '.join(POLLED_PLATFORMS)}"),
        (["list", "--since", "soon"], "'soon' is neither an offset nor a time like 2026-01-31T12:00:00Z"),
        (["replay", "--from", "7"], "an offset counts within one site's topics: name the site too"),
        (["replay", "--body", "x"], "a body belongs to one letter: name its topic, partition and offset"),
        (["replay", TOPIC, "1"], "one letter is named by topic, partition and offset, as `list` shows them"),
        (
            ["replay", TOPIC, "1", "2", "--reason", "odd"],
            "one letter is named by its place alone: leave the other options out",
        ),
        (
            ["replay", TOPIC, "1", "5", "--body", "/no/such/file"],
            "/no/such/file cannot be read: No such file or directory",
        ),
        (
            ["show", TOPIC, "1", "9"],
            f"no dead letter at offset 9 of partition 1 of {TOPIC}: `airtide dead-letters list` shows those there are",
        ),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(monkeypatch, capsys, parts, arguments, sentence):
    assert run(monkeypatch, "dead-letters", *arguments) == 1
    assert capsys.readouterr().err == f"airtide: {sentence}\n"


def test_nothing_hostile_reaches_the_terminal(monkeypatch, capsys, parts):
    parts.keep(5, b"\x1b[2J\xff\xe2\x80\xaedone", reason=HOSTILE, headers=((HOSTILE, HOSTILE.encode()),))
    assert run(monkeypatch, "dead-letters", "list") == 0
    assert run(monkeypatch, "dead-letters", "show", TOPIC, "1", "5") == 0
    assert run(monkeypatch, "dead-letters", "replay") == 0
    told = capsys.readouterr().out
    assert "\\x1b[31mred" in told
    assert "\\x1b[2J\\xff\\u202edone" in told
    assert "[bold]" in told
    assert not set("\x1b\x07\r\u202e") & set(told)


@given(text=st.text(), raw=st.binary())
def test_tamed_text_holds_nothing_but_printable_characters(text, raw):
    assert all(c.isprintable() for c in tame(text) + tame_bytes(raw))


def test_a_letter_is_shown_with_its_headers_and_as_many_bytes_as_asked_for(monkeypatch, capsys, parts):
    parts.keep(5, b"0123456789", headers=(("reject", b"no id"), ("empty", None)))
    assert run(monkeypatch, "dead-letters", "show", TOPIC, "1", "5", "--bytes", "4") == 0
    told = capsys.readouterr().out
    assert "header       reject: no id\nheader       empty: \n" in told
    assert told.endswith("bytes        10, the first 4\n0123\n")


def test_letters_are_counted_and_listed(monkeypatch, capsys, parts):
    for offset in (5, 6):
        parts.keep(offset, b"?")
    parts.keep(7, b"?", reason="not_json")
    assert run(monkeypatch, "dead-letters", "list", "--platform", "chzzk", "--limit", "1") == 0
    told = capsys.readouterr().out
    assert told.count(f"{TOPIC} 1 ") == 1
    assert "not_json" in told
    assert run(monkeypatch, "dead-letters", "list", "--platform", "soop") == 0
    assert capsys.readouterr().out == "No dead letter.\n"


def test_a_replay_is_a_dry_run_until_told_otherwise(monkeypatch, capsys, parts):
    parts.keep(5, encode_snapshot(make_snapshot("b1", channel_id="c1")))
    parts.keep(6, b"[]")
    assert run(monkeypatch, "dead-letters", "replay") == 0
    told = capsys.readouterr().out
    assert told.startswith(f"2 looked at, 1 would be sent back\n  {TOPIC}[1]@5 key=c1 bytes=")
    assert "\n1 not: invalid: Expected `object`, got `array`\n" in told
    assert told.endswith("Nothing was sent: --no-dry-run sends them.\n")
    assert parts.sent() == []
    assert run(monkeypatch, "dead-letters", "replay", "--no-dry-run") == 0
    assert capsys.readouterr().out.startswith("2 looked at, 1 sent back\n")
    assert parts.sent() == [encode_snapshot(make_snapshot("b1", channel_id="c1"))]


def test_one_letter_goes_back_with_a_body_mended_by_hand(monkeypatch, capsys, parts, tmp_path: Path):
    parts.keep(5, b"[]")
    body = tmp_path / "mended.json"
    body.write_bytes(encode_snapshot(make_snapshot("b1")))
    assert run(monkeypatch, "dead-letters", "replay", TOPIC, "1", "5", "--body", str(body), "--no-dry-run") == 0
    assert parts.sent() == [body.read_bytes()]
    assert capsys.readouterr().out.startswith("1 looked at, 1 sent back\n")


def test_bounds_are_offsets_or_times_in_utc():
    query = build_query(platform="chzzk", begin="17", end="2026-01-31T12:00")
    assert query.topics == [TOPIC, "airtide.sweeps.chzzk.v1"]
    assert (query.offset_from, query.offset_until, query.found_from) == (17, None, None)
    assert query.found_until == datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert len(build_query().topics) == 2 * len(POLLED_PLATFORMS)
    with pytest.raises(MisconfiguredError):
        build_query(end="17")
