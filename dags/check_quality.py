"""
# Check quality

Holds Kafka, the lake and the warehouse against each other: each message of the last `days` must be one row of one
listed object, a dead letter, or counted as expired, and `live.sample` the first row of each broadcast and tick.

**Derives.** It changes nothing; run it again whenever you like. `airtide verify` asks the same of all that is kept.

**If it fails** with `NotWhole`, its log lists what was found. Mend it before Kafka drops what could be landed again.

- *never landed, landed twice, position*: somebody wrote to `ingest.position` or `ingest.batch`. Restore them.
- *dropped before landing, topic made anew, position beyond the end*: `land_<site>` says it too, and what to do.
- *object missing, object differs*: somebody wrote to the bucket. Restore the object from a backup; or, if Kafka still
  holds its messages, land them anew. Its messages and samples are then found missing, too.
- *message missing, message twice, message not landed, batch counts*: rows, dead letters and counts do not add up.
- *sample missing, without message, differs*: `live.sample` was written by other means. The lake is right.
- *sample without detail, detail of another broadcast*: titles of these samples are wrong; numbers are not.

`PartUnreachable` means Kafka, Postgres or the S3 server is down (`airtide doctor`).
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, Param, dag, task

from airtide.wiring.defaults import DEFAULT_ARGS, START_DATE, Stage


@dag(
    schedule=CronTriggerTimetable("40 * * * *", timezone="UTC"),
    start_date=START_DATE,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(minutes=55),
    default_args={**DEFAULT_ARGS, "execution_timeout": timedelta(minutes=45)},
    tags=[Stage.CHECK],
    params={
        "days": Param(1, type="integer", minimum=1, maximum=366, description="How many of the last days to audit.")
    },
    doc_md=__doc__,
)
def check_quality() -> None:
    @task
    def verify_landing(params):
        from airtide.wiring import tasks

        return tasks.verify_landing(days=params["days"])

    verify_landing()


check_quality()
