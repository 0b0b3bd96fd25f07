"""Bounds of the quality checks: what is refused, and that one of them can be set alone."""

from __future__ import annotations

import pytest

from airtide.domain.errors import MisconfiguredError
from airtide.domain.quality import Bound, Check, Severity
from airtide.settings import load_settings


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("UNKNOWN_SHARE__SEVERITY", "stop", r"quality\.unknown_share\.severity: .*'warn' or 'block'"),
        ("UNKNOWN_SHARE__MOST", "-1", r"quality\.unknown_share\.most: .*greater than or equal to 0"),
        ("UNKNOWN_SHARE__MUST", "1", r"quality\.unknown_share\.must: no such setting .*severity, least, most"),
        ("UNKNWON_SHARE__MOST", "1", r"quality\.unknwon_share: no such setting \(did you mean unknown_share"),
        ("VIEWERS_JUMP__LEAST", "4", r"quality\.viewers_jump: .*4\.0 is more than 3\.0"),
    ],
)
def test_a_wrong_bound_is_refused_with_its_path(monkeypatch, name, value, told):
    monkeypatch.setenv(f"AIRTIDE__QUALITY__{name}", value)
    with pytest.raises(MisconfiguredError, match=told):
        load_settings()


def test_one_bound_set_alone_leaves_the_others(monkeypatch):
    before = load_settings().quality.bounds
    monkeypatch.setenv("AIRTIDE__QUALITY__VIEWERS_JUMP__MOST", "5")
    after = load_settings().quality.bounds
    assert after[Check.VIEWERS_JUMP] == Bound(severity=Severity.WARN, least=0.33, most=5)
    assert {check: bound for check, bound in after.items() if check is not Check.VIEWERS_JUMP} == {
        check: bound for check, bound in before.items() if check is not Check.VIEWERS_JUMP
    }


def test_every_check_has_its_bounds_and_only_what_can_be_mended_blocks():
    bounds = load_settings().quality.bounds
    assert set(bounds) == set(Check)
    assert {check for check, bound in bounds.items() if bound.severity is Severity.BLOCK} == {
        Check.NULL_VALUES,
        Check.NEGATIVE_VALUES,
        Check.DUPLICATES,
        Check.UNCOUNTED_SAMPLES,
    }
