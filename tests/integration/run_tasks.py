"""Runs `airflow tasks test` for each line of arguments (JSON) on stdin: loading Airflow takes long, a task does not.

After each task it prints a line with the word that it was given, so that the caller knows where its output ends.
"""

from __future__ import annotations

import json
import sys
import traceback

from airflow.cli.cli_parser import get_parser


def run_tasks(end_mark: str) -> None:
    """Run one task a line until stdin ends; a task that fails prints its traceback like any other output."""
    parser = get_parser()
    for line in sys.stdin:
        arguments = parser.parse_args(["tasks", "test", *json.loads(line)])
        try:
            arguments.func(arguments)
        except Exception:
            traceback.print_exc()
        print(end_mark, flush=True)


if __name__ == "__main__":
    run_tasks(sys.argv[1])
