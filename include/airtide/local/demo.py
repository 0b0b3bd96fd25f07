"""`airtide demo`: from a bare checkout to yesterday's ranking, then live."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from unicodedata import category

from rich.box import SIMPLE_HEAD
from rich.console import Console, JustifyMethod
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from airtide.domain.display import round_amount, round_share
from airtide.domain.models import Platform
from airtide.local.demo_pictures import take_demo_pictures
from airtide.local.environment import ADMIN, DATABASE
from airtide.local.installation import Installation
from airtide.local.prefill import Prefill, choose_span, fill_past
from airtide.local.start import start_airflow, started_services
from airtide.settings import POLLED_PLATFORMS
from airtide.warehouse.queries.rankings import RankedChannel
from airtide.wiring.connections import Connections, read_environment
from airtide.wiring.reads import ChannelList, Metric, Reads

FIRST_RANKS = 10
ZONE = "UTC"
NAME_CELLS = 24
"""Columns of the screen that a channel's name may take: the widest numbers then still fit beside it into 80."""
MISSING = "–"
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def run_demo(installation: Installation, console: Console) -> None:
    """Start the services, fill the past of simulated sites, start Airflow, and print where to look.

    Leaves everything running. With real keys nothing is simulated, and the ranking is today's.
    """
    connections = Connections(read_environment(installation.environment))
    with started_services(installation, lambda sentence: console.print(f"  {escape(sentence)}")):
        if installation.mode == "simulated":
            filled = _fill_with_progress(connections, installation, console)
            console.print(f"  {filled.ticks} ticks polled, {filled.samples} samples landed and rolled up")
            _take_pictures(connections, installation, console)
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

        def report(sentence: str) -> None:
            progress.console.print(f"  {escape(sentence)}")

        owner = installation.postgres.superuser().at(DATABASE)
        return fill_past(connections, installation.settings, POLLED_PLATFORMS, span, advance, report, owner=owner)


def _take_pictures(connections: Connections, installation: Installation, console: Console) -> None:
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    taken = take_demo_pictures(
        connections, installation.settings, yesterday, ZONE, lambda sentence: console.print(f"  {escape(sentence)}")
    )
    console.print(f"  {taken.ranked} pictures taken for the ranking of {yesterday}, {taken.live} of what is live")


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
    ranking = reads.rank_channels(ZONE, day, ChannelList(), Metric.HOURS_WATCHED, limit=FIRST_RANKS, offset=0)
    told = " (simulated)" if reads.read_kind() == "simulated" else ""
    told += ", provisional" if rolled_up.is_provisional else ""
    table = _build_table(f"Top channels of {day} UTC{told}")
    for channel in ranking.channels:
        table.add_row(*_cells(channel))
    console.print()
    console.print(table)


def _build_table(title: str) -> Table:
    caption = "Computed by Airtide, not told by the sites."
    table = Table(title=title, caption=caption, box=SIMPLE_HEAD, show_edge=False, padding=0)
    for heading in ("#", "change", "channel", "site", "hours", "average", "peak", "coverage"):
        justify: JustifyMethod = "left" if heading in {"channel", "site"} else "right"
        table.add_column(heading, justify=justify, no_wrap=True, overflow="ellipsis")
    table.columns[2].max_width = NAME_CELLS
    return table


def _cells(channel: RankedChannel) -> tuple[Text | str, ...]:
    return (
        str(channel.rank),
        _tell_change(channel),
        Text(_disarm(channel.channel_name or "") or _disarm(channel.channel_id)),
        channel.platform,
        f"{round_amount(Fraction(channel.hours_watched)):,}",
        MISSING if channel.average_viewers is None else f"{round_amount(Fraction(channel.average_viewers)):,}",
        MISSING if channel.peak_viewers is None else f"{channel.peak_viewers:,}",
        # the shortest decimal that stands for the float: its binary neighbour would be cut to a tenth less
        MISSING if channel.coverage is None else f"{round_share(Fraction(repr(channel.coverage)))} %",
    )


def _tell_change(channel: RankedChannel) -> str:
    if channel.is_new:
        return "new"
    if channel.is_returning:
        return "back"
    if channel.rank_change is None:
        return MISSING
    return f"{channel.rank_change:+d}" if channel.rank_change else "="


def _disarm(name: str) -> str:
    """Return a channel's name without anything that moves the cursor, breaks the line or turns the text round."""
    shown = (REPLACEMENT if category(c) in {"Cc", "Cs", "Zl", "Zp"} else c for c in name if category(c) != "Cf")
    return "".join(shown).strip()
