"""The command that lands days again from the lake."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from airtide.local.commands import find_environment, find_site
from airtide.settings import POLLED_PLATFORMS

app = typer.Typer()


@app.command()
def rebuild(
    site: Annotated[str, typer.Argument(metavar="SITE", help=f"{', '.join(POLLED_PLATFORMS)}.")],
    first_day: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First UTC day, YYYY-MM-DD.")],
    last_day: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last UTC day; the first one unless told.")
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Only tell what would be landed.")] = True,
) -> None:
    """Land days again from the lake's objects alone: into an empty warehouse, or what is missing in this one."""
    from airtide.wiring import housekeeping
    from airtide.wiring.adapters import Adapters
    from airtide.wiring.connections import Connections, read_environment

    platform = find_site(site)
    with Adapters(Connections(read_environment(find_environment()))) as adapters:
        outcome = housekeeping.rebuild_range(
            platform, first_day.date(), (last_day or first_day).date(), adapters, dry_run=dry_run
        )
    for name, value in outcome.items():
        typer.echo(f"{name}: {', '.join(value) or 'none' if isinstance(value, list) else value}")
    if dry_run:
        typer.echo(f"nothing was written: pause land_{platform}, then run it again with --no-dry-run")
