"""
# Rebuild days from the lake

Lands UTC days of one site again from the objects in the bucket alone: into an empty warehouse after its loss, or what
is missing in this one. By hand only; with `dry_run`, as it is unless you say otherwise, it counts what it would add.

**Derives.** The landing's own code arranges and writes, in the order in which messages had landed. What is there stays;
run again, it adds nothing. An object is used when its digest is right, a message once, whichever objects hold it.

**Do:** pause `land_<site>`; run it with `dry_run`, then without; `airtide verify`; start the landing again. It goes on
behind the last day rebuilt, so rebuild all days you want first, the oldest first. Offsets that no object holds (dead
letters, what had expired) go on record as lost, and are found again when another day has them.

**If it fails**

- `PermanentError`, a batch is planned: let the landing land it, then pause it.
- `PermanentError`, stands in `ingest.lake_object` already: retention was about to remove it, see the message.
- `PartUnreachable`: Postgres or the S3 server is down; run it again, it goes on where it stopped.
- objects named as `broken` are not what was written: compare them with another copy of the bucket.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import Param, dag, task

from airtide.settings import POLLED_PLATFORMS
from airtide.wiring.defaults import DEFAULT_ARGS, START_DATE, Stage


@dag(
    schedule=None,
    start_date=START_DATE,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=12),
    default_args={**DEFAULT_ARGS, "execution_timeout": timedelta(hours=6)},
    params={
        "platform": Param(POLLED_PLATFORMS[0].value, enum=[platform.value for platform in POLLED_PLATFORMS]),
        "first_day": Param("2026-01-01", type="string", format="date", description="The first UTC day."),
        "last_day": Param("2026-01-01", type="string", format="date", description="The last UTC day."),
        "dry_run": Param(True, type="boolean", description="Count what would be added, and add nothing."),
    },
    tags=[Stage.KEEP],
    doc_md=__doc__,
)
def rebuild_range() -> None:
    @task
    def rebuild(params):
        from airtide.wiring import housekeeping_tasks

        return housekeeping_tasks.rebuild_range(params)

    rebuild()


rebuild_range()
