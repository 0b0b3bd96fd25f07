"""
# Compact the lake

Makes one sorted object of the many that a day's landings wrote, for each site, of snapshots and of sweeps. A day is
taken once it has been over for two hours (`housekeeping.compact_after`); what lands later is added by the next run.
Days whose samples have begun to expire stay as they are, and so does what lives shorter than three days.

**Derives.** The new object is written first, then one transaction lists it in place of those it replaces; these stay in
the store for another day. Run, clear or kill it as you like: every message is in one listed object at all times.
Skipped: there was nothing to put together.

**If it fails**

- `PartUnreachable`: Postgres or the S3 server is down (`airtide doctor`); the next run takes up what is left.
- `ObjectConflict`: an object of this name holds other rows. Nothing lists it: remove it and run again.
- `PermanentError`, no such object: the ledger lists what the store has not. `airtide verify` says how much is missing.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, task

from airtide.wiring.defaults import DEFAULT_ARGS, START_DATE, Stage


@dag(
    schedule=CronTriggerTimetable("20 3 * * *", timezone="UTC"),
    start_date=START_DATE,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=4),
    default_args={**DEFAULT_ARGS, "execution_timeout": timedelta(hours=2)},
    tags=[Stage.KEEP],
    doc_md=__doc__,
)
def compact_lake() -> None:
    @task
    def compact():
        from airtide.wiring import housekeeping_tasks

        return housekeeping_tasks.compact_lake()

    compact()


compact_lake()
