"""
# Discover broadcasts on YouTube

YouTube has no list of everything live: every 15 minutes this Dag makes a search if the day's plan has one for it, reads
the feeds of watched channels, and adds what it finds to the candidates, which `poll_youtube` asks for by id until the
site says they have ended. Run by hand it makes at least one search, out of ten a day that the schedule leaves.

**Observes.** A search that was missed is not made up for; a broadcast is found by the next one, and its hours before
that are not claimed.

**If it fails**

- Green with `failed_parts`: feeds or uploads of some channels could not be had, time did not suffice for all feeds (the
  next runs begin with others), or something found is no id; the log tells which.
- `QuotaSpent`: the day's searches are used up until midnight Pacific time; known broadcasts are still polled.
- `CredentialsRejected`: put a new key into the connection `airtide_youtube`.
- `PartUnreachable`: YouTube or the warehouse does not answer; the next run tries again.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import dag, task

from airtide.domain.models import Platform
from airtide.settings import load_settings
from airtide.wiring.defaults import DEFAULT_ARGS, START_DATE, Stage, poll_cron, tag_platform


@dag(
    schedule=poll_cron(load_settings().platforms.youtube.discover_every_s),
    start_date=START_DATE,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(minutes=10),
    default_args=DEFAULT_ARGS,
    tags=[Stage.POLL, tag_platform(Platform.YOUTUBE)],
    doc_md=__doc__,
)
def discover_youtube() -> None:
    @task
    def discover(dag_run):
        from airtide.wiring import tasks

        return tasks.discover_youtube(by_hand=dag_run.run_type == "manual")

    discover()


discover_youtube()
