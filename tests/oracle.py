"""Invariant 1, as an assertion: every message that was landed is somewhere exactly once, and so is every sample."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.fakes.audit import LogAtPositions, ViewLedger
from tests.landed_views import LandedView

from airtide.domain.clock import SetClock
from airtide.domain.models import Platform
from airtide.lake.audit import LakeAudit
from airtide.lake.stores import ObjectStore
from airtide.pipeline.verify.platform import verify_platform

_NOW = datetime(2026, 11, 1, tzinfo=UTC)


def assert_whole(view: LandedView, store: ObjectStore, platform: Platform, *, oldest: datetime | None = None) -> None:
    """Fail with what is missing or double; `oldest` is where the raw age begins, None when nothing has expired."""
    report = verify_platform(
        platform,
        log=LogAtPositions(view),
        lake=LakeAudit(store),
        ledger=ViewLedger(view, _NOW - oldest if oldest else timedelta(days=3650)),
        clock=SetClock(_NOW),
    )
    assert [str(finding) for finding in report.findings.shown] == []
