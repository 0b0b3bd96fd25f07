"""The jobs that keep the stores small: build adapters, call one use case, return a small outcome that fits an XCom."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from airtide.domain.errors import MisconfiguredError
from airtide.domain.models import Platform
from airtide.settings import POLLED_PLATFORMS
from airtide.wiring.adapters import Adapters


def compact_lake(adapters: Adapters) -> dict[str, Any]:
    """Make one object of each closed day's many."""
    from airtide.lake.compacting import Compactor
    from airtide.pipeline.compact import compact_lake as compact
    from airtide.warehouse.objects import WarehouseObjects

    return compact(
        POLLED_PLATFORMS,
        lake=Compactor(adapters.store),
        ledger=WarehouseObjects(adapters.connections.postgres_address()),
        clock=adapters.clock,
        closed_after=adapters.settings.housekeeping.compact_after,
    ).to_dict()


def enforce_retention(adapters: Adapters, *, dry_run: bool = False) -> dict[str, Any]:
    """Remove raw data and pictures that are older than their policy allows; with `dry_run` only count them."""
    from airtide.lake.found import StoredObjects, StoredPictures
    from airtide.pipeline.retain import enforce_retention as retain
    from airtide.pipeline.retain_pictures import retain_pictures
    from airtide.warehouse.picture_ages import WarehousePictureAges
    from airtide.warehouse.retention import WarehouseRaw

    address = adapters.connections.postgres_address()
    try:
        raw = retain(
            POLLED_PLATFORMS,
            ledger=WarehouseRaw(address),
            store=StoredObjects(adapters.store),
            clock=adapters.clock,
            dry_run=dry_run,
        )
    finally:
        # neither kind outlives its age because the other cannot be removed
        pictures = retain_pictures(
            POLLED_PLATFORMS,
            ages=WarehousePictureAges(address),
            store=StoredPictures(adapters.store),
            clock=adapters.clock,
            dry_run=dry_run,
        )
    return {**raw.to_dict(), **pictures.to_dict()}


def rebuild_range(
    platform: Platform, first_day: date, last_day: date, adapters: Adapters, *, dry_run: bool = True
) -> dict[str, Any]:
    """Land the UTC days from `first_day` to `last_day` again from the lake; with `dry_run` only count."""
    from airtide.lake.reading import LakeReader
    from airtide.pipeline.rebuild import rebuild_range as rebuild
    from airtide.warehouse.rebuilding import WarehouseRebuild

    if last_day < first_day:
        raise MisconfiguredError(f"the last day, {last_day}, lies before the first, {first_day}")
    return rebuild(
        platform,
        [first_day + timedelta(days=number) for number in range((last_day - first_day).days + 1)],
        lake=LakeReader(adapters.store),
        ledger=WarehouseRebuild(adapters.connections.postgres_address(), adapters.silences),
        clock=adapters.clock,
        dry_run=dry_run,
    ).to_dict()


def maintain_airflow(adapters: Adapters, log_folder: Path) -> dict[str, Any]:
    """Remove Airflow's own runs and logs that are older than the settings say."""
    from airtide.wiring.airflow_upkeep import remove_logs, remove_runs

    before = adapters.clock.now() - adapters.settings.housekeeping.airflow_age
    remove_runs(adapters.connections.airflow_database_url(), before=before)
    files, size = remove_logs(log_folder, before=before)
    return {"before": before.isoformat(), "log_files": files, "log_bytes": size}
