"""The command that recomputes a day from the lake and compares it with what is published."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from airtide.domain.errors import MisconfiguredError
from airtide.local.commands import find_environment, find_site
from airtide.local.display import console
from airtide.settings import POLLED_PLATFORMS

if TYPE_CHECKING:
    from airtide.domain.recomputed import DayTable, Difference, Row
    from airtide.pipeline.audit_day import DayReport

app = typer.Typer()


@app.command()
def audit(
    day: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="A day that is over.")],
    zone: Annotated[str | None, typer.Option(help="Time zone of the day; the first one rolled up unless told.")] = None,
    sites: Annotated[
        list[str] | None, typer.Argument(metavar="[SITE]…", help=f"{', '.join(POLLED_PLATFORMS)}; all without one.")
    ] = None,
) -> None:
    """Recompute a day from the lake with DuckDB: is every published row the same? 1 when one is not."""
    from airtide.wiring.adapters import Adapters
    from airtide.wiring.connections import Connections, read_environment
    from airtide.wiring.day_audit import audit_day

    platforms = [find_site(site) for site in sites or ()] or POLLED_PLATFORMS
    with Adapters(Connections(read_environment(find_environment()))) as adapters:
        of_zone = adapters.settings.trends.zones[0] if zone is None else zone
        reports = [audit_day(platform, day.date(), of_zone, adapters) for platform in platforms]
    refuse_unaudited(reports)
    show_reports(reports)
    if not all(report.is_equal for report in reports):
        raise typer.Exit(1)


def refuse_unaudited(reports: list[DayReport]) -> None:
    """Raise `MisconfiguredError` with the reason when not one of the days could be recomputed."""
    reasons = [report.unaudited for report in reports]
    if reasons and None not in reasons:
        told = dict.fromkeys(str(reason) for reason in reasons)
        raise MisconfiguredError(f"{reports[0].day} in {reports[0].zone} cannot be audited: {'; '.join(told)}")


def show_reports(reports: list[DayReport]) -> None:
    """Print every table in numbers, then the rows that differ."""
    table = Table("platform", "table", "equal", "different", "what differs")
    for report in reports:
        if report.unaudited is not None:
            table.add_row(report.platform, "", "", "", str(report.unaudited))
        for told in report.tables:
            what = ", ".join(f"{name} {count:,}" for name, count in told.different.most_common())
            table.add_row(report.platform, told.table.name, f"{told.equal:,}", f"{told.different.total():,}", what)
    console.print(table)
    for report in reports:
        for told in report.tables:
            for difference in told.shown:
                console.print(
                    f"{report.platform} {tell_difference(told.table, difference)}", markup=False, soft_wrap=True
                )
            if told.different.total() > len(told.shown):
                more = told.different.total() - len(told.shown)
                console.print(f"  … and {more:,} more rows of {told.table.name}")


def tell_difference(table: DayTable, difference: Difference) -> str:
    """Return which row differs and how: what is published, and what the lake says."""
    key = " ".join(f"{name} {value}" for name, value in zip(table.key, difference.key, strict=True))
    where = f"{table.name} {key}".strip()
    if difference.kept is None:
        return f"{where}: is not published; the lake says {tell_row(table, difference.recomputed or ())}"
    if difference.recomputed is None:
        return f"{where}: is published, but nothing of it is in the lake"
    parts = [
        f"{name} {tell_value(name, one)}, the lake says {tell_value(name, other)}"
        for name, one, other in zip(table.numbers, difference.kept, difference.recomputed, strict=True)
        if one != other
    ]
    return f"{where}: {'; '.join(parts)}"


def tell_row(table: DayTable, row: Row) -> str:
    """Return the numbers of a row with their names."""
    return ", ".join(f"{name} {tell_value(name, value)}" for name, value in zip(table.numbers, row, strict=True))


def tell_value(name: str, value: Any) -> str:
    """Return a value as people read it."""
    if value is None:
        return "none"
    if name.endswith("_at"):
        return f"{datetime.fromtimestamp(value, UTC):%Y-%m-%dT%H:%M:%SZ}"
    return repr(value) if isinstance(value, str) else str(value)
