"""The job that writes a day of every rollup table into files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from airtide.domain.errors import MisconfiguredError
from airtide.domain.exports import ExportSource
from airtide.wiring.days import choose_day

if TYPE_CHECKING:
    from airtide.wiring.reads import Reads


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOutcome:
    """What was written."""

    source: ExportSource
    rows: Mapping[str, int]
    """By table."""
    files: Sequence[Path]


def export_day(reads: Reads, *, day: date, zone: str | None, folder: Path, force: bool) -> ExportOutcome:
    """Write a day of a zone into `folder`, in memory that does not grow with it; see `docs/exports.md`.

    Raises `MisconfiguredError` for a day or zone without numbers, for files that are there already, unless `force`, and
    for a folder that cannot be written.
    """
    from airtide.lake.exports import writing_into
    from airtide.warehouse.exports import open_day

    zone, known = choose_day(reads, zone, day)
    bounds = {"starts_at": known.starts_at, "ends_at": known.ends_at}
    with open_day(reads.address, zone=zone, day=day, **bounds) as reader:
        tables = reader.list_tables()
        source = ExportSource(
            data=reads.read_kind(),
            zone=zone,
            day=day,
            is_provisional=known.is_provisional,
            tables=tuple(table.name for table in tables),
            **bounds,
        )
        try:
            with writing_into(folder, source) as files:
                _refuse_existing(files.list_targets(), force=force)
                rows = {table.name: files.write(table, reader.read_batches(table)) for table in tables}
                return ExportOutcome(source=source, rows=rows, files=files.publish())
        except OSError as error:
            raise MisconfiguredError(f"the export cannot be written to {folder}: {error.strerror}") from error


def _refuse_existing(targets: Sequence[Path], *, force: bool) -> None:
    folder = next((target for target in targets if target.is_dir()), None)
    if folder is not None:
        raise MisconfiguredError(f"{folder} is a folder, which no file replaces: write into another folder")
    if force:
        return
    there = [target for target in targets if target.exists()]
    if there:
        others = f", with {len(there) - 1} more of its files" if len(there) > 1 else ""
        raise MisconfiguredError(
            f"{there[0]} is there already{others}: write into another folder, or replace what is there with --force"
        )
