"""Run benchmarks: `python -m tests.benchmarks [--suite NAME] [--measure TEXT]`."""

from __future__ import annotations

import argparse
import signal
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from tests.benchmarks.measures import Measure, Row, take
from tests.benchmarks.report import render_table, write_rows
from tests.benchmarks.suites import SUITES

from airtide.local.home import open_home
from airtide.settings import load_settings

FILE_NAME = "bench.json"


def main(
    arguments: Sequence[str] | None = None,
    suites: Mapping[str, Sequence[Measure]] = SUITES,
    folder: Path | None = None,
) -> int:
    """Run one suite or all, or some of their measures; return 1 when a target is missed or a measure fails.

    `folder` is where the rows are written, local mode's state folder by default. An unknown suite exits with 2, and so
    does a text that no measure has in its name. The rows are shown and written; those of measures not run stay.
    """
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="Measure figures that have targets."
    )
    parser.add_argument("--suite", choices=sorted(suites), help="the only one to run (default: all)")
    parser.add_argument("--measure", default="", metavar="TEXT", help="run only measures with TEXT in their names")
    options = parser.parse_args(arguments)
    chosen = {
        name: [measure for measure in suites[name] if options.measure in measure.name]
        for name in ([options.suite] if options.suite else sorted(suites))
    }
    if options.measure and not any(chosen.values()):
        parser.error(f"no measure has {options.measure!r} in its name")
    rows: list[Row] = []
    failed = 0
    for name, measures in chosen.items():
        for measure in measures:
            row = _try(name, measure)
            failed += row is None
            rows += [] if row is None else [row]
    replaced = None if not options.measure else [measure.name for measures in chosen.values() for measure in measures]
    write_rows((folder or open_home(load_settings().local.home).root) / FILE_NAME, list(chosen), rows, replaced)
    Console().print(render_table(rows))
    return 1 if failed or not all(row.met for row in rows) else 0


def _try(suite: str, measure: Measure) -> Row | None:
    """Return the row of a measure; None, with the error printed, when it fails: the others are still worth having."""
    print(f"{suite}: {measure.name} …", file=sys.stderr, flush=True)
    try:
        return take(suite, measure)
    except Exception:
        traceback.print_exc()
        print(f"{suite}: {measure.name} failed", file=sys.stderr)
        return None


if __name__ == "__main__":
    # ended as by Ctrl-C, so that the parts stop
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
