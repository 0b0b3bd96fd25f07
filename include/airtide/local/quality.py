"""The command that tells how the last hours were judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer
from rich.table import Column, Table

from airtide.local.commands import find_environment
from airtide.local.display import console, tell_local

if TYPE_CHECKING:
    from airtide.warehouse.queries.quality import FailedCheck, QualityState

app = typer.Typer()


@app.command()
def quality() -> None:
    """Show what the checks found odd in the hours of the last 24 hours; 1 when something keeps a day provisional."""
    from airtide.wiring.adapters import Adapters
    from airtide.wiring.connections import Connections, read_environment
    from airtide.wiring.quality import read_quality

    with Adapters(Connections(read_environment(find_environment()))) as adapters:
        state = read_quality(adapters)
    show_quality(state)
    if any(failure.severity == "block" for failure in state.failures):
        raise typer.Exit(1)


def show_quality(state: QualityState) -> None:
    """Print how much passed of each site, then every failure."""
    if not state.platforms:
        console.print("no hour has been judged yet: airtide airflow tasks test check_quality observe_hours")
    for platform in state.platforms:
        console.print(
            f"{platform.platform}: {platform.passed:,} of {platform.checks:,} checks of {platform.hours} hours passed, "
            f"the last hour {tell_local(platform.last_hour)}",
            soft_wrap=True,
        )
    if not state.failures:
        return
    table = Table("site", Column("hour", no_wrap=True), Column("check", no_wrap=True), "observed", "passes", "severity")
    for failure in state.failures:
        table.add_row(
            failure.platform,
            tell_local(failure.hour),
            failure.check_name,
            f"{failure.observed:.4g}",
            tell_bounds(failure),
            failure.severity,
        )
    console.print(table)


def tell_bounds(failure: FailedCheck) -> str:
    """Return between which values the check passes."""
    if failure.least is None:
        return f"≤ {failure.most:.4g}"
    return f"≥ {failure.least:.4g}" if failure.most is None else f"{failure.least:.4g} … {failure.most:.4g}"
