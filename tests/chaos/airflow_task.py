"""Runs a landing by Airflow's own command, killed at a fault point: `-m tests.chaos.airflow_task DAG TASK POINT`."""

from __future__ import annotations

import os
import signal
import sys

from airflow.__main__ import main
from tests.chaos.cases import FaultPoint
from tests.chaos.watch import watch_landings


def kill_at(struck: FaultPoint) -> None:
    """Let this process be killed where a landing first comes to the point."""

    def hit(point: FaultPoint) -> None:
        if point is struck:
            os.kill(os.getpid(), signal.SIGKILL)

    watch_landings(hit)


if __name__ == "__main__":
    dag_id, task_id, struck = sys.argv[1:]
    kill_at(FaultPoint(struck))
    sys.argv = ["airflow", "tasks", "test", dag_id, task_id]
    main()
