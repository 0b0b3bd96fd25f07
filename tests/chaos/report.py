"""Verdicts as a table for people and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table
from tests.chaos.matrix import Verdict


def render_table(verdicts: Sequence[Verdict]) -> Table:
    """Return the table of what was played."""
    table = Table("fault point", "kind", "order", box=SIMPLE_HEAD)
    for heading in ("batch", "kills", "s"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("ended")
    table.add_column("verdict")
    for row in verdicts:
        told = "[green]whole[/]" if row.whole else f"[bold red]{escape(row.verdict)}[/]"
        numbers = (str(row.batch), str(row.kills), f"{row.seconds:.1f}")
        table.add_row(row.point, row.kind, row.order, *numbers, row.ended, told)
    return table


def write_verdicts(file: Path, verdicts: Sequence[Verdict]) -> None:
    """Write every verdict, in place of those of an earlier run."""
    text = json.dumps([asdict(row) for row in verdicts], indent=1, ensure_ascii=False)
    file.write_text(f"{text}\n", encoding="utf-8")
