"""The command that asks whether every message is there, exactly once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from airtide.local.commands import find_environment, find_site
from airtide.local.display import console
from airtide.settings import POLLED_PLATFORMS

if TYPE_CHECKING:
    from airtide.pipeline.verify.findings import PartitionLine, PlatformReport

app = typer.Typer()

_TABLE_WIDTH = 116
"""Room for positions of eight digits."""


@app.command()
def verify(
    sites: Annotated[
        list[str] | None, typer.Argument(metavar="[SITE]…", help=f"{', '.join(POLLED_PLATFORMS)}; all without one.")
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Audit the last days alone; else all that is kept.")] = None,
) -> None:
    """Hold Kafka, lake and warehouse against each other: is each message somewhere once? 1 when something is wrong."""
    from datetime import timedelta

    from airtide.wiring import jobs
    from airtide.wiring.adapters import Adapters
    from airtide.wiring.connections import Connections, read_environment

    platforms = [find_site(site) for site in sites or ()] or POLLED_PLATFORMS
    within = None if days is None else timedelta(days=days)
    with Adapters(Connections(read_environment(find_environment()))) as adapters:
        reports = [jobs.verify_platform(platform, adapters, within=within) for platform in platforms]
    show_audit(reports)
    if not all(report.is_whole for report in reports):
        raise typer.Exit(1)


def show_audit(reports: list[PlatformReport]) -> None:
    """Print every topic partition in numbers, then what was found."""
    table = Table("topic", "", "first", "position", "landed", "lost", "dead", "expired", "end", "verdict")
    for report in reports:
        for line in report.lines:
            table.add_row(*tell_line(line))
    # where a terminal is narrower its lines wrap: a topic that is cut short could be any
    Console(highlight=False, width=max(console.width, _TABLE_WIDTH)).print(table)
    for report in reports:
        tell = "whole" if report.is_whole else f"{report.findings.total:,} findings"
        console.print(
            f"{report.platform}: {tell}; {report.objects:,} objects and {report.samples:,} samples "
            f"from {report.audited_from:%Y-%m-%d %H:%M} UTC on",
            soft_wrap=True,
        )
        if report.planned:
            console.print(f"  in work: batch {', '.join(map(str, report.planned))}")
        for finding in report.findings.shown:
            console.print(f"  {finding}", markup=False, soft_wrap=True)
        for kind, total in report.findings.totals.items():
            shown = sum(finding.kind is kind for finding in report.findings.shown)
            if total > shown:
                console.print(f"  … and {total - shown:,} more of: {kind}", soft_wrap=True)


def tell_line(line: PartitionLine) -> tuple[str, ...]:
    """Return the cells of one topic partition."""
    numbers = (line.first_offset, line.next_offset, line.landed, line.lost, line.dead_letters, line.expired)
    end_offset = "?" if line.end_offset is None else f"{line.end_offset:,}"
    return line.topic, str(line.topic_partition), *(f"{number:,}" for number in numbers), end_offset, line.verdict
