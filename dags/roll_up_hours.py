"""
# Roll up hours

Recomputes the hours whose samples have changed since the last run: the state of every broadcast, hour and category,
then the hourly figures of each platform and category. Woken by landings, and five minutes past every hour.

**Derives.** Each hour is replaced whole from its samples; running it again gives the same rows, and `revision` moves
only when a number did. A landing that runs beside it leaves its own marks, which the next run takes up. Cleared, a run
takes what waits then; a run of a backfill computes the hour before it again, unless samples of it have begun to expire.

**If it fails:** `PartUnreachable` means Postgres is down (`airtide doctor`); the marks stay for the next run.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import AssetAny, AssetOrTimeSchedule, CronTriggerTimetable, dag, task

from airtide.wiring.assets import LANDED
from airtide.wiring.defaults import DEFAULT_ARGS, START_DATE, Stage


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("5 * * * *", timezone="UTC"), assets=AssetAny(*LANDED.values())
    ),
    start_date=START_DATE,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=1),
    default_args={**DEFAULT_ARGS, "execution_timeout": timedelta(minutes=45)},
    tags=[Stage.ROLL_UP],
    doc_md=__doc__,
)
def roll_up_hours() -> None:
    @task
    def roll_up(dag_run):
        from airtide.wiring import recomputing, tasks

        recomputing.mark_backfilled_hour(dag_run)
        return tasks.roll_up_hours()

    roll_up()


roll_up_hours()
