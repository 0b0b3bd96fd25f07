"""
# Maintain Airflow

Removes Airflow's own runs, task instances, XComs, jobs and log files that are older than `housekeeping.airflow_age`
(seven days): five sites polled and landed every few minutes leave thousands a day. The last run of each Dag stays, so
that schedules go on.

**Derives.** Rows go by Airflow's own `airflow db clean`, files by the time of their last line; done again it does
nothing. No sample, object or trend is touched.

**If it fails**

- `PartUnreachable`: Airflow's database is down, or took too long; the message has the command's last words, and the
  next run goes on.
- `MisconfiguredError`: the connection `airtide_airflow` is missing: it names Airflow's own database.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, task

from airtide.wiring.defaults import DEFAULT_ARGS, START_DATE, Stage


@dag(
    schedule=CronTriggerTimetable("50 4 * * *", timezone="UTC"),
    start_date=START_DATE,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=1),
    default_args={**DEFAULT_ARGS, "execution_timeout": timedelta(minutes=50)},
    tags=[Stage.KEEP],
    doc_md=__doc__,
)
def maintain_airflow() -> None:
    @task
    def maintain():
        from airtide.wiring import housekeeping_tasks

        return housekeeping_tasks.maintain_airflow()

    maintain()


maintain_airflow()
