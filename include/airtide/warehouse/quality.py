"""Judges the hours of every platform by what their samples and rollups say, and keeps what was observed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import psycopg

from airtide.domain.quality import Bound, Check, CheckedHours, Severity
from airtide.warehouse.statements import read_statement

HOUR = timedelta(hours=1)
HOURS_AT_ONCE = 24
"""Hours of one statement."""
MOST_HOURS = 500
"""Platform hours that one run judges at most, the latest first; the others wait for the next run."""


@dataclass(frozen=True, slots=True)
class _Observation:
    hour: datetime
    check: Check
    observed: float


def check_hours(
    connection: psycopg.Connection, bounds: Mapping[Check, Bound], *, now: datetime, hours: int
) -> CheckedHours:
    """Judge those of the last `hours` closed hours that were not judged as they stand, or failed; delete expired rows.

    The connection is in autocommit and may write to `trends`. What is judged together is read at one moment and kept in
    one transaction: while it runs, readers see the judgement before.
    """
    last_hour = now.replace(minute=0, second=0, microsecond=0) - HOUR
    asked = {"now": now, "from_hour": last_hour - (hours - 1) * HOUR, "last_hour": last_hour, "limit": MOST_HOURS}
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        waiting: defaultdict[str, list[datetime]] = defaultdict(list)
        for platform, hour in connection.execute(read_statement("find_unchecked_hours"), asked):
            waiting[platform].append(hour)
        outcome = CheckedHours()
        for platform, found in waiting.items():
            for start in range(0, len(found), HOURS_AT_ONCE):
                outcome += judge(connection, platform, found[start : start + HOURS_AT_ONCE], bounds, now=now)
    expired = connection.execute(read_statement("delete_expired_observations"), {"now": now}).rowcount
    return replace(outcome, expired=expired)


def judge(
    connection: psycopg.Connection,
    platform: str,
    hours: Sequence[datetime],
    bounds: Mapping[Check, Bound],
    *,
    now: datetime,
) -> CheckedHours:
    """Observe hours of one platform, within the transaction under way, and keep it with the bounds it is judged by."""
    scope = {"platform": platform, "hours": list(hours)}
    observations = [
        _Observation(hour, Check(name), observed)
        for statement in ("observe_samples", "observe_rollups")
        for hour, name, observed in connection.execute(read_statement(statement), scope)
    ]
    judged_by = [bounds[observation.check] for observation in observations]
    connection.execute(read_statement("delete_observations"), scope)
    rows = connection.execute(
        read_statement("insert_observations"),
        {
            "platform": platform,
            "now": now,
            "told_hours": [observation.hour for observation in observations],
            "check_names": [observation.check.value for observation in observations],
            "observed": [observation.observed for observation in observations],
            "severities": [bound.severity.value for bound in judged_by],
            "least": [bound.least for bound in judged_by],
            "most": [bound.most for bound in judged_by],
        },
    ).fetchall()
    failed = [severity for severity, passed in rows if not passed]
    return CheckedHours(
        hours=len(hours),
        observations=len(rows),
        warnings=failed.count(Severity.WARN),
        blocks=failed.count(Severity.BLOCK),
    )
