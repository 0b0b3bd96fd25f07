"""Every fixture record gives the snapshot, or the refusal, that stands beside it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from tests.unit.platforms.parser_cases import CASES, OBSERVATION, PARSERS, read_full_record, write_record

from airtide.domain.errors import BadRecord
from airtide.domain.models import Platform

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
    seen = (snapshot.sweep_id, snapshot.sampled_at, snapshot.fetched_at, snapshot.cadence_s)
    assert seen == (OBSERVATION.sweep_id, OBSERVATION.sampled_at, OBSERVATION.fetched_at, OBSERVATION.cadence_s)


@pytest.mark.parametrize("platform", PARSERS)
@pytest.mark.parametrize(
    "raw", [b"", b"null", b"[]", b'"text"', b"{", b"\xff", b'{"id":"\xff"}', b"[" * 100_000], ids=lambda raw: raw[:9]
)
def test_what_is_no_record_at_all_is_refused(platform: Platform, raw: bytes) -> None:
    with pytest.raises(BadRecord):
        PARSERS[platform](raw)
