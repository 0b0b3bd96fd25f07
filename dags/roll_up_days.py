"""
# Roll up days

Merges hourly states into days of every configured time zone: broadcasts, channels, categories, languages, platforms.
Only days that a landing has touched are computed. Ten minutes past every hour: for a zone of whole-hour offset one of
these runs comes an hour after the end of its day, whatever its clock changes; the others keep today's provisional
figures and late days right.

**Derives.** A day is replaced whole; running it again gives the same rows, and `revision` moves only when a number did.
Cleared, a run takes what waits then. A backfill computes the days again that its runs once closed: `airflow backfill
create --dag-id roll_up_days --from-date … --to-date … --reprocess-behavior completed`. Days whose samples have begun to
expire stay as they are.

**If it fails:** `PartUnreachable` means Postgres is down (`airtide doctor`); the marks stay for the next run.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, task

from airtide.wiring.defaults import DEFAULT_ARGS, START_DATE, Stage


@dag(
    schedule=CronTriggerTimetable("10 * * * *", timezone="UTC"),
    start_date=START_DATE,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(minutes=55),
    default_args={**DEFAULT_ARGS, "execution_timeout": timedelta(minutes=45)},
    tags=[Stage.ROLL_UP],
    doc_md=__doc__,
)
def roll_up_days() -> None:
    @task
    def roll_up(dag_run):
        from airtide.wiring import recomputing, tasks

        recomputing.mark_backfilled_days(dag_run)
        return tasks.roll_up_days()

    roll_up()


roll_up_days()
