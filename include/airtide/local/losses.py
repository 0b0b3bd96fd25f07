"""The command that gives up messages on purpose."""

from __future__ import annotations

from typing import Annotated

import typer

from airtide.domain.batches import OffsetRange
from airtide.domain.errors import MisconfiguredError
from airtide.local.commands import find_environment, find_site
from airtide.settings import POLLED_PLATFORMS

app = typer.Typer()


@app.command()
def accept_loss(
    site: Annotated[str, typer.Argument(metavar="SITE", help=f"{', '.join(POLLED_PLATFORMS)}.")],
    topic: Annotated[str | None, typer.Option(help="Topic of a range that is given up though Kafka holds it.")] = None,
    partition: Annotated[int | None, typer.Option(min=0, help="Its partition.")] = None,
    from_offset: Annotated[int | None, typer.Option("--from", min=0, help="Its first offset: the position.")] = None,
    to_offset: Annotated[int | None, typer.Option("--to", min=0, help="The offset where landing goes on.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be written, change nothing.")] = False,
) -> None:
    """Put on record what Kafka dropped before it was landed, or a range to give up; landing goes on behind it."""
    from airtide.wiring import jobs
    from airtide.wiring.adapters import Adapters
    from airtide.wiring.connections import Connections, read_environment

    platform = find_site(site)
    wanted = _read_range(topic, partition, from_offset, to_offset)
    with Adapters(Connections(read_environment(find_environment()))) as adapters:
        lost = jobs.accept_loss(platform, adapters, wanted=wanted, dry_run=dry_run)
    for part in lost:
        typer.echo(f"{'would be given up' if dry_run else 'accepted as lost'}: {part}")
    if not lost:
        typer.echo(f"nothing of {platform} is gone: landing goes on where it stands")


def _read_range(
    topic: str | None, partition: int | None, from_offset: int | None, to_offset: int | None
) -> OffsetRange | None:
    if topic is not None and partition is not None and from_offset is not None and to_offset is not None:
        return OffsetRange(topic=topic, topic_partition=partition, start_offset=from_offset, end_offset=to_offset)
    if (topic, partition, from_offset, to_offset) != (None, None, None, None):
        raise MisconfiguredError(
            "a range takes all of --topic, --partition, --from and --to; none gives up what is gone"
        )
    return None
