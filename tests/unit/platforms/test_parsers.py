"""Every fixture record gives the snapshot, or the refusal, that stands beside it."""

from __future__ import annotations

import ast
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.unit.platforms.parser_cases import CASES, OBSERVATIONS, PAGE_PARSERS, PARSERS, read_full_record, write_record

import airtide.platforms
from airtide.domain.errors import BadRecord
from airtide.domain.models import Platform, Snapshot
from airtide.platforms.kick.parse import LIVESTREAMS_V1
from airtide.platforms.parsing import ESCAPED_NUL, RecordParser
from airtide.platforms.twitch.parse import STREAMS

REFUSED = [(platform, name, case) for platform, name, case in CASES if "refused" in case]
NOT_BEGUN = [(platform, name, case) for platform, name, case in CASES if case.get("expect", ...) is None]
OBSERVED = [(platform, name, case) for platform, name, case in CASES if case.get("expect")]


def name_cases(cases: list[tuple[Platform, str, Any]]) -> list[str]:
    return [f"{platform}-{name}" for platform, name, _ in cases]


def show(value: object) -> object:
    """Return a snapshot's value in the form in which fixtures write it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize(("platform", "name", "case"), REFUSED, ids=name_cases(REFUSED))
def test_a_record_is_refused_with_its_reason(platform: Platform, name: str, case: dict[str, Any]) -> None:
    with pytest.raises(BadRecord) as caught:
        PARSERS[platform](write_record(case["record"]))
    assert case["refused"] in str(caught.value)


@pytest.mark.parametrize(("platform", "name", "case"), NOT_BEGUN, ids=name_cases(NOT_BEGUN))
def test_a_record_that_has_not_begun_gives_nothing(platform: Platform, name: str, case: dict[str, Any]) -> None:
    assert PARSERS[platform](write_record(case["record"])) is None


@pytest.mark.parametrize(("platform", "name", "case"), OBSERVED, ids=name_cases(OBSERVED))
def test_a_record_gives_the_snapshot(platform: Platform, name: str, case: dict[str, Any]) -> None:
    snapshot = PARSERS[platform](write_record(case["record"]))
    assert snapshot is not None
    assert {field: show(getattr(snapshot, field)) for field in case["expect"]} == case["expect"]


@pytest.mark.parametrize("platform", PARSERS)
def test_a_snapshot_belongs_to_the_sweep_that_saw_it(platform: Platform) -> None:
    snapshot = PARSERS[platform](write_record(read_full_record(platform)))
    assert snapshot is not None
    common = attrgetter("platform", "sweep_id", "sampled_at", "fetched_at", "cadence_s")
    assert common(snapshot) == common(OBSERVATIONS[platform])


@pytest.mark.parametrize("platform", PARSERS)
@pytest.mark.parametrize(
    "raw", [b"", b"null", b"[]", b'"text"', b"{", b"\xff", b'{"id":"\xff"}', b"[" * 100_000], ids=lambda raw: raw[:9]
)
def test_what_is_no_record_at_all_is_refused(platform: Platform, raw: bytes) -> None:
    with pytest.raises(BadRecord):
        PARSERS[platform](raw)


@pytest.mark.parametrize("platform", PARSERS)
def test_a_parser_hands_over_the_fields_of_a_snapshot_in_their_order(platform: Platform) -> None:
    source = (Path(airtide.platforms.__path__[0]) / platform / "parse.py").read_text(encoding="utf-8")
    [call] = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Snapshot"
    ]
    handed = [ast.unparse(argument).rpartition(".")[2] for argument in call.args]
    order = [one.name for one in fields(Snapshot)]
    assert [name for name, field in zip(handed, order, strict=False) if name not in (field, "None", "()")] == []
    assert len(handed) >= order.index("is_mature")
    assert call.keywords == []


@pytest.mark.parametrize(("platform", "parser"), PAGE_PARSERS)
def test_a_page_of_good_records_is_decoded_at_once_and_one_bad_record_leaves_it_to_each(
    platform: Platform, parser: RecordParser[Any]
) -> None:
    records = [
        msgspec.Raw(record)
        for record in (write_record(case["record"]) for site, _, case in OBSERVED if site is platform)
        if (b'"broadcaster_user_id"' in record) is (parser is LIVESTREAMS_V1) and ESCAPED_NUL not in record
    ]
    decoded = parser.decode_page(records)
    assert decoded is not None
    assert len(decoded) == len(records) > 0
    whole = parser.parse_page(records, OBSERVATIONS[platform])
    for bad in (b"null", b'{"id": 1}', b'{"id": "\xff"}', b'{"title": "\\u0000"}'):
        assert parser.decode_page([*records, msgspec.Raw(bad)]) is None
        parsed = parser.parse_page([msgspec.Raw(bad), *records], OBSERVATIONS[platform])
        assert parsed.rejects[0].raw == bad
        assert parsed.rejects[1:] == whole.rejects
        assert parsed.snapshots == whole.snapshots


def test_no_text_of_a_snapshot_holds_a_nul_nor_the_address_made_of_it() -> None:
    case = next(case for site, _, case in OBSERVED if site is Platform.TWITCH)
    record = {**case["record"], "user_login": "a\x00b", "game_id": "\x00", "tags": ["\x00", "c\x00"]}
    snapshot = STREAMS.parse(write_record(record), OBSERVATIONS[Platform.TWITCH])
    assert snapshot is not None
    assert (snapshot.channel_handle, snapshot.category_id, snapshot.tags) == ("ab", None, ("c",))
    assert snapshot.watch_url == "https://www.twitch.tv/ab"
