"""
# Enforce retention

Removes raw data older than each site's `policy.raw_age`: leaves of samples, objects of the lake, dead letters, flags
and last counts. A leaf and a compacted object go as a whole, once all of it is too old: by the hour where the age is at
most 48 hours, else by the day. Objects that no ledger lists go too, two days after they were written. Pictures go after
`policy.picture_age`: rows, then objects that no row needs; what the store itself lost counts as `lost_pictures`. Topics
have the age as their own `retention.ms`. `forget` does the rest: titles, names, tags and the addresses of pictures go
by `policy.text_age`, hours and days by `policy.statistics_age`.

**Derives.** What is expired follows from policy and clock alone; done again it does nothing. By hand, `dry_run` counts
what would go and removes nothing. The log says, for each site, what was removed.

**If it fails**

- `PartUnreachable`: Postgres or the S3 server is down (`airtide doctor`); the next run removes what is left.
- `busy_leaves` again and again: somebody's transaction reads old samples for hours; end it.
- "the ledger lists fewer than the store holds": a warehouse was lost or made anew beside an old bucket. Nothing was
  removed before its age. `rebuild_range` brings it back.
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
    default_args={**DEFAULT_ARGS, "execution_timeout": timedelta(minutes=50)},
    params={"dry_run": Param(False, type="boolean", description="Count what would be removed, and remove nothing.")},
    tags=[Stage.KEEP],
    doc_md=__doc__,
)
def enforce_retention() -> None:
    @task
    def enforce(params):
        from airtide.wiring import housekeeping_tasks

        return housekeeping_tasks.enforce_retention(dry_run=params["dry_run"])

    @task
    def forget(params):
        from airtide.wiring import forgetting

        return forgetting.forget_old(dry_run=params["dry_run"])

    enforce()
    forget()


enforce_retention()
