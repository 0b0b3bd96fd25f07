"""The command that writes a day's rollups into files."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from airtide.domain.errors import MisconfiguredError
from airtide.local.reach import open_reads

if TYPE_CHECKING:
    from airtide.wiring.exporting import ExportOutcome

app = typer.Typer()


def read_folder(text: str) -> Path:
    """Return the folder that somebody typed; raises `MisconfiguredError` for nothing, which is no folder."""
    if not str(text).strip():
        raise MisconfiguredError("--to names no folder: without it, files are written where you are")
    return Path(text)


@app.command()
def export(
    day: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Day of the zone, YYYY-MM-DD.")],
    zone: Annotated[str | None, typer.Option(help="Time zone of the day; the first one rolled up unless told.")] = None,
    to: Annotated[
        Path, typer.Option(parser=read_folder, metavar="FOLDER", help="Where to write; made where it is missing.")
    ] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
) -> None:
    """Write a day of every rollup table as CSV and Parquet; docs/exports.md describes the columns."""
    from airtide.wiring.exporting import export_day

    with open_reads() as reads:
        show_export(export_day(reads, day=day.date(), zone=zone, folder=to, force=force))


def show_export(outcome: ExportOutcome) -> None:
    """Print what was written, and whether it may still change."""
    for table, rows in outcome.rows.items():
        typer.echo(f"{table}: {rows:,} rows")
    typer.echo(f"{len(outcome.files)} files in {outcome.files[0].parent.resolve()}")
    if outcome.source.data == "simulated":
        typer.echo("The data is simulated.")
    if outcome.source.is_provisional:
        typer.echo(f"Provisional: the numbers of {outcome.source.day} may still change. Export them again later.")
