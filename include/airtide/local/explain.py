"""The command that shows why a channel has its numbers: its ranks, its broadcasts, every sample and its weight."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from airtide.domain.errors import MisconfiguredError
from airtide.domain.models import Platform
from airtide.local.commands import find_site
from airtide.local.explanations import tell_as_json, tell_as_text
from airtide.local.reach import open_reads
from airtide.settings import POLLED_PLATFORMS

app = typer.Typer()

_EXAMPLE = "twitch:some_channel"


@app.command()
def explain(
    channel: Annotated[
        str, typer.Option(help=f"SITE:CHANNEL, by id or handle, like {_EXAMPLE}; sites: {', '.join(POLLED_PLATFORMS)}.")
    ],
    day: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Day of the zone, YYYY-MM-DD.")],
    zone: Annotated[str | None, typer.Option(help="Time zone of the day; the first one rolled up unless told.")] = None,
    most: Annotated[int, typer.Option(min=1, help="Samples of a broadcast to show.")] = 20,
    show_all: Annotated[bool, typer.Option("--all", help="Show every sample.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything, every sample too, as JSON.")] = False,
) -> None:
    """Show the way from a channel's rank down to every sample and its weight; 1 when the numbers do not add up."""
    from airtide.wiring.explaining import explain_channel

    platform, name = read_channel_name(channel)
    with open_reads() as reads:
        explanation = explain_channel(reads, platform=platform, name=name, day=day.date(), zone=zone)
    if as_json:
        typer.echo(tell_as_json(explanation))
    else:
        for line in tell_as_text(explanation, most=None if show_all else most):
            typer.echo(line)
    if not explanation.adds_up:
        raise typer.Exit(1)


def read_channel_name(text: str) -> tuple[Platform, str]:
    """Return site and id or handle of what somebody typed; raises `MisconfiguredError` when it names neither."""
    site, separator, name = text.partition(":")
    if not separator or not name.strip():
        raise MisconfiguredError(f"{text!r} names no channel: write SITE:CHANNEL, like {_EXAMPLE}")
    return find_site(site.strip().lower()), name.strip()
