"""The audit of a day: builds its adapters and calls it; the same on the command line and in a task."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from airtide.domain.models import Platform
from airtide.wiring.adapters import Adapters

if TYPE_CHECKING:
    from airtide.pipeline.audit_day import DayReport


def audit_day(platform: Platform, day: date, zone: str, adapters: Adapters) -> DayReport:
    """Recompute one platform's day from the lake, and hold the warehouse's rows against it."""
    from airtide.engines.duckdb import DuckDbEngine
    from airtide.lake.day_rows import LakeDays
    from airtide.pipeline.audit_day import audit_day as audit
    from airtide.warehouse.day_audit import WarehouseDays

    return audit(
        platform,
        day,
        zone,
        warehouse=WarehouseDays(adapters.connections.postgres_address()),
        lake=LakeDays(adapters.store),
        engine=DuckDbEngine(),
        clock=adapters.clock,
    )
