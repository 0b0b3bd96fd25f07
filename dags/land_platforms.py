"""
# Land snapshots

Moves what polls have published from Kafka into the lake (S3) and the warehouse (Postgres), up to the ends seen at the
start. Woken by the site's poll; every five minutes it looks by itself.

**Derives.** Exact ranges are planned before they are read; objects are written first, then samples, ledger and
positions in one transaction. Clear or kill it as you like: nothing is lost or lands twice. Skipped: nothing to land.

**If it fails**

- `PartUnreachable`: Kafka, Postgres or the S3 server is down (`airtide doctor`); the next run goes on from here.
- `MessagesLost`: Kafka dropped messages before they landed. Find out why; `airtide accept-loss <site>` goes on behind.
- `TopicReplaced`, `OffsetAhead`: another Kafka, or one that lost its end. Bring the old one back, or say
  `airtide accept-loss <site>`: all that Kafka holds is landed, and what had landed before stays as it is.
- `TooManyBadRecords`: nothing was written. Mend the cause it names, or raise `landing.max_bad_…` for one run.
- `ObjectConflict`: an object of this name holds other rows. Compare it with its ledger row before touching it.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, dag, task

from airtide.domain.models import Platform
from airtide.settings import POLLED_PLATFORMS
from airtide.wiring.assets import LANDED, SNAPSHOTS
from airtide.wiring.defaults import DEFAULT_ARGS, START_DATE, Stage, tag_platform
from airtide.wiring.sensors import WaitForBacklog


def land_site(platform: Platform) -> None:
    @dag(
        dag_id=f"land_{platform}",
        schedule=AssetOrTimeSchedule(
            timetable=CronTriggerTimetable("*/5 * * * *", timezone="UTC"), assets=[SNAPSHOTS[platform]]
        ),
        start_date=START_DATE,
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=timedelta(hours=1),
        default_args={**DEFAULT_ARGS, "execution_timeout": timedelta(minutes=45)},
        tags=[Stage.LAND, tag_platform(platform)],
        doc_md=__doc__,
    )
    def land_dag() -> None:
        @task(outlets=[LANDED[platform]])
        def land():
            from airtide.wiring import tasks

            return tasks.land(platform)

        WaitForBacklog(task_id="wait_for_backlog", platform=platform) >> land()

    land_dag()


for polled in POLLED_PLATFORMS:
    land_site(polled)
