"""
# Check quality

Holds Kafka, the lake and the warehouse against each other: each message of the last `days` must be one row of one
listed object, a dead letter, or counted as expired (`verify_landing`). Observes every closed hour of the last `hours`
(`observe_hours`), and judges it by the bounds of the settings `quality`.

**Derives.** It changes no number; run it again whenever you like. `airtide verify` and `airtide quality` tell the same.

**If it fails** with `NotWhole`, its log lists what was found. Mend it before Kafka drops what could be landed again.

- *never landed, landed twice, position*: somebody wrote to `ingest.position` or `ingest.batch`. Restore them.
- *dropped before landing, topic made anew, position beyond the end*: `land_<site>` says it too, and what to do.
- *object missing, object differs*: restore it from a backup; or, if Kafka still holds its messages, land them anew.
- *message missing, message twice, message not landed, batch counts*: rows, dead letters and counts do not add up.
- *sample …*: `live.sample` was written by other means, or titles are wrong. The lake is right.

`judge_warnings`: a site was silent, or its counts are odd; the numbers stand and the run goes on. `judge_blocks`: the
hour's days stay provisional. Run `recompute_trends` over them; if it fails again, the warehouse was written by others.
`PartUnreachable` means Kafka, Postgres or the S3 server is down (`airtide doctor`).
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, Param, dag, task

from airtide.wiring.defaults import DEFAULT_ARGS, START_DATE, Stage
from airtide.wiring.quality import add_hour_checks


@dag(
    schedule=CronTriggerTimetable("40 * * * *", timezone="UTC"),
    start_date=START_DATE,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(minutes=55),
    default_args={**DEFAULT_ARGS, "execution_timeout": timedelta(minutes=45)},
    tags=[Stage.CHECK],
    params={
        "days": Param(1, type="integer", minimum=1, maximum=366, description="How many of the last days to audit."),
        "hours": Param(48, type="integer", minimum=1, maximum=8784, description="How many of the last hours to judge."),
    },
    doc_md=__doc__,
)
def check_quality() -> None:
    @task
    def verify_landing(params):
        from airtide.wiring import tasks

        return tasks.verify_landing(days=params["days"])

    verify_landing()
    add_hour_checks()


check_quality()
