"""What the commands print."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Column, Table

from airtide.domain.errors import AirtideError
from airtide.local.environment import ADMIN
from airtide.local.installation import Installation
from airtide.local.safe_text import tame
from airtide.local.status import read_captures, read_failing, read_lags, read_lines

if TYPE_CHECKING:
    from airtide.local.doctor import Finding
    from airtide.warehouse.queries.collection import Capture
    from airtide.warehouse.queries.quotas import BucketState

console = Console(highlight=False)


def say(sentence: str) -> None:
    """Print one sentence of progress."""
    console.print(f"  {sentence}")


def show_parts(installation: Installation) -> bool:
    """Print the table of parts; return whether any runs."""
    lines = read_lines(installation)
    table = Table("part", "state", "pid", "port", "since")
    for line in lines:
        table.add_row(
            line.name,
            f"[{'green' if line.runs else 'red'}]{line.word}[/]",
            str(line.pid or ""),
            ", ".join(str(port) for port in line.ports),
            tell_local(line.since) if line.since else "",
        )
    console.print(table)
    return any(line.runs for line in lines)


def show_finding(finding: Finding) -> None:
    """Print what a check saw, and how to mend it."""
    verdict = "[green]ok[/]  " if finding.well else "[red]ill[/] "
    console.print(f"{verdict} {finding.name:<14} {finding.seen}", soft_wrap=True)
    if finding.mend:
        console.print(f"     {'':<14} [bold]mend:[/] {finding.mend}", soft_wrap=True)


def show_lags(installation: Installation) -> None:
    """Print how far each topic is landed, or why that cannot be told."""
    try:
        lags = read_lags(installation)
    except AirtideError as error:
        console.print(f"how far topics are landed cannot be told: {error}", markup=False, soft_wrap=True)
        return
    table = Table(Column("topic", no_wrap=True), "messages ever", "to be landed", "lost", "waits")
    now = datetime.now(UTC)
    for lag in lags:
        waits = f"{max(0, (now - lag.waiting_since).total_seconds()):,.0f} s" if lag.waiting_since else ""
        table.add_row(lag.topic, f"{lag.end_offset:,}", f"{lag.waiting:,}", f"{lag.lost:,}", waits)
    console.print(table)


def show_failing(installation: Installation) -> None:
    """Print why landings fail, or why that cannot be told; nothing when none does."""
    try:
        landings = read_failing(installation)
    except AirtideError as error:
        console.print(f"whether landings fail cannot be told: {error}", markup=False, soft_wrap=True)
        return
    for landing in landings:
        since = tell_local(landing.failing_since) if landing.failing_since else "its last run"
        told = f"landing of {landing.platform} has failed since {since}: {tame(landing.error or '')}"
        console.print(told, markup=False, soft_wrap=True)


def show_captures(installation: Installation) -> None:
    """Print how the group that captures pictures stood after its last run, or why that cannot be told."""
    try:
        captures = read_captures(installation)
    except AirtideError as error:
        console.print(f"how pictures are captured cannot be told: {error}", markup=False, soft_wrap=True)
        return
    if not captures:
        console.print("no picture was captured yet: capture_thumbnails runs every five minutes")
        return
    table = Table(Column("pictures of", no_wrap=True), "messages wait", "for", "as of", "last captured", "at")
    for one in captures:
        table.add_row(one.platform, *tell_lag(one), *tell_captured(one))
    console.print(table)
    for one in captures:
        if one.error is not None:
            since = tell_local(one.failing_since) if one.failing_since else "its last run"
            told = f"capturing pictures of {one.platform} has failed since {since}: {tame(one.error)}"
            console.print(told, markup=False, soft_wrap=True)


def tell_lag(one: Capture) -> tuple[str, str, str]:
    """Return how many messages waited, for how long, and when that was measured; nothing before it was."""
    if one.lag_messages is None or one.lag_measured_at is None:
        return "", "", ""
    waited = "" if one.waiting_since is None else f"{(one.lag_measured_at - one.waiting_since).total_seconds():,.0f} s"
    return f"{one.lag_messages:,}", waited, tell_local(one.lag_measured_at)


def tell_captured(one: Capture) -> tuple[str, str]:
    """Return how many pictures the last run took that took any, and when; nothing before one did."""
    return ("", "") if one.captured_at is None else (f"{one.pictures or 0:,}", tell_local(one.captured_at))


def show_quotas(states: Sequence[BucketState]) -> None:
    """Print what is spent and left of each bucket, in words where nothing is known."""
    # names and instants stay whole in a narrow terminal, words between them may fold
    name, resets = Column("bucket", no_wrap=True), Column("resets", no_wrap=True)
    caption = "at reset: spent by then, if it goes on so; of a minute: spent in one by the last landed sweep"
    table = Table(name, "spent", "left", "limit", "at reset", resets, caption=caption)
    for state in states:
        table.add_row(state.bucket, *tell_bucket(state))
    console.print(table)


def tell_bucket(state: BucketState) -> tuple[str, str, str, str, str]:
    """Return what is spent, left, allowed and projected of a bucket, and when it is filled again."""
    limit = f"{state.limit:,} a {state.per}"
    if state.spent is None or state.left is None:
        return "no sweep landed yet", "", limit, "", f"every {state.per}"
    if state.resets_at is None:
        return f"{state.spent:,}", f"{state.left:,}", limit, "", f"every {state.per}"
    left = "0: the site says so" if state.is_closed else f"{state.left:,}"
    projected = "too early to tell" if state.projected is None else f"{state.projected:,}"
    return f"{state.spent:,}", left, limit, projected, tell_local(state.resets_at)


def show_way_in(installation: Installation) -> None:
    """Print the address and the login of the UI."""
    console.print(f"Airflow  {installation.addresses.browser_url}")
    console.print(f"login    {ADMIN} / {installation.secrets.airflow_admin_password}")
    console.print(f"data     {installation.mode}, under {installation.home.root}")


def tell_local(instant: datetime) -> str:
    """Return an instant on the clock of the one who reads it."""
    return f"{instant.astimezone():%Y-%m-%d %H:%M:%S}"
