"""How the hours of 24 hours were judged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from airtide.domain.models import Platform
from airtide.domain.quality import Check, Severity
from airtide.wiring.reads import DataKind
from trends_page.models.base import Answer


class CheckedPlatform(Answer):
    """How a platform's hours were judged: there is no entry before its second hour. `passed` of `checks` are well."""

    platform: Platform
    hours: int
    last_hour: datetime
    checked_at: datetime
    checks: int
    passed: int


class FailedCheck(Answer):
    """What was observed of one hour and lies outside of `least` … `most`, null where there is no bound.

    `block` keeps the days of the hour provisional until it is mended; `warn` does not.
    """

    platform: Platform
    hour: datetime
    check_name: Check
    severity: Severity
    observed: float
    least: float | None
    most: float | None
    checked_at: datetime


class Quality(Answer):
    """What the checks say of the hours of 24 hours; of the failures 200 at most, what blocks first, then the latest."""

    data: DataKind
    platforms: Sequence[CheckedPlatform]
    failures: Sequence[FailedCheck]
