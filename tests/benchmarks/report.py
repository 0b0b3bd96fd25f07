"""Rows as a table for people and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.table import Table
from tests.benchmarks.measures import Row


def render_table(rows: Sequence[Row]) -> Table:
    """Return the table of what was measured."""
    table = Table("suite", "measure", box=SIMPLE_HEAD)
    for heading in ("value", "target"):
        table.add_column(heading, justify="right", no_wrap=True)
    for heading in ("unit", "runs", ""):
        table.add_column(heading, no_wrap=True)
    for row in rows:
        sign = "≥" if row.better == "higher" else "≤"
        verdict = "[green]met[/]" if row.met else "[bold red]missed[/]"
        value, target = show_number(row.value), f"{sign} {show_number(row.target)}"
        table.add_row(row.suite, row.measure, value, target, row.unit, str(row.runs), verdict)
    return table


def show_number(value: float) -> str:
    """Return a figure with three digits that count, and all digits before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:#.3g}".removesuffix(".")


def write_rows(file: Path, suites: Sequence[str], rows: Sequence[Row], measures: Sequence[str] | None = None) -> None:
    """Write the rows of `suites` that were run, or of only these `measures` of them; what the file holds else stays."""
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    others = [
        row for row in kept if row["suite"] not in suites or (measures is not None and row["measure"] not in measures)
    ]
    text = json.dumps([*others, *map(asdict, rows)], indent=1, ensure_ascii=False)
    file.write_text(f"{text}\n", encoding="utf-8")
