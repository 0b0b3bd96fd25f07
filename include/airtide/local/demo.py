"""`airtide demo`: from a bare checkout to yesterday's ranking, then live."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime, timedelta

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from airtide.domain.models import Platform
from airtide.local.environment import ADMIN
from airtide.local.installation import Installation
from airtide.local.prefill import Prefill, choose_span, fill_past
from airtide.local.start import start_airflow, started_services
from airtide.settings import POLLED_PLATFORMS
from airtide.warehouse.queries.rankings import RankedChannel
from airtide.wiring.connections import Connections, read_environment
from airtide.wiring.reads import Metric, Reads

FIRST_RANKS = 10
ZONE = "UTC"


def run_demo(installation: Installation, console: Console) -> None:
    """Start the services, fill the past of simulated sites, start Airflow, and print where to look.

    Leaves everything running. With real keys nothing is simulated, and the ranking is today's.
    """
    connections = Connections(read_environment(installation.environment))
    with started_services(installation, lambda sentence: console.print(f"  {escape(sentence)}")):
        if installation.mode == "simulated":
            filled = _fill_with_progress(connections, installation, console)
            console.print(f"  {filled.ticks} ticks polled, {filled.samples} samples landed and rolled up")
        start_airflow(installation, lambda sentence: console.print(f"  {escape(sentence)}"))
    show_addresses(installation, console)
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    day = yesterday if installation.mode == "simulated" else yesterday + timedelta(days=1)
    with closing(Reads(connections.postgres_address(), installation.settings)) as reads:
        show_ranking(reads, day, console)


def _fill_with_progress(connections: Connections, installation: Installation, console: Console) -> Prefill:
    columns = (TextColumn("  {task.description:<8}"), BarColumn(), MofNCompleteColumn(), TextColumn("ticks"))
    with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
        span = choose_span(datetime.now(UTC))
        bars = {platform: progress.add_task(platform, total=None) for platform in POLLED_PLATFORMS}

        def advance(platform: Platform, done: int, of_all: int) -> None:
            progress.update(bars[platform], completed=done, total=of_all)

        return fill_past(connections, installation.settings, POLLED_PLATFORMS, span, advance)


def show_addresses(installation: Installation, console: Console) -> None:
    """Print where the page and Airflow are, and how to log in."""
    url = installation.addresses.browser_url
    console.print()
    console.print(f"[bold]Viewer Trends[/bold]  {url}/plugin/viewer-trends")
    console.print(f"[bold]Airflow[/bold]        {url}")
    console.print(f"[bold]Login[/bold]          {ADMIN} / {installation.secrets.airflow_admin_password}")
    console.print("Everything keeps running: `airtide status` shows it, `airtide down` stops it.")


def show_ranking(reads: Reads, day: date, console: Console) -> None:
    """Print the first channels of `day` in UTC by hours watched, or say why there are none yet."""
    rolled_up = next(iter(reads.read_days(ZONE, day)), None)
    if rolled_up is None:
        console.print(f"\nNo numbers of {day} yet: the first come after the next tick and its roll-up.")
        return
    ranking = reads.rank_channels(ZONE, day, None, Metric.HOURS_WATCHED, limit=FIRST_RANKS, offset=0)
    told = " (simulated)" if reads.read_kind() == "simulated" else ""
    told += ", provisional" if rolled_up.is_provisional else ""
    table = Table(title=f"Top channels of {day} UTC{told}", caption="Computed by Airtide, not told by the sites.")
    for heading in ("#", "change", "channel", "site"):
        table.add_column(heading, justify="left" if heading in {"channel", "site"} else "right")
    for heading in ("hours watched", "average", "peak", "coverage"):
        table.add_column(heading, justify="right")
    for channel in ranking.channels:
        table.add_row(*_cells(channel))
    console.print()
    console.print(table)


def _cells(channel: RankedChannel) -> tuple[str, ...]:
    return (
        str(channel.rank),
        _change(channel),
        escape((channel.channel_name or channel.channel_id).replace("\t", " ")),
        channel.platform,
        f"{channel.hours_watched:,.0f}",
        "–" if channel.average_viewers is None else f"{channel.average_viewers:,.0f}",
        "–" if channel.peak_viewers is None else f"{channel.peak_viewers:,}",
        "–" if channel.coverage is None else f"{channel.coverage:.1%}",
    )


def _change(channel: RankedChannel) -> str:
    if channel.is_new:
        return "new"
    if channel.rank_change is None:
        return "–"
    return f"{channel.rank_change:+d}" if channel.rank_change else "="
