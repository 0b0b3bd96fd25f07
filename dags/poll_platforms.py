"""
# Poll live broadcasts

Asks one streaming site what is live now and publishes one snapshot per broadcast, then a sweep record, to Kafka.
One Dag a site, so that a slow or closed site delays only itself.

**Observes.** Nobody can ask a site what was live an hour ago: this Dag never catches up, its retries end before the
next tick, and a tick without a sweep shows as missing coverage. Nothing downstream needs to be run again.

**If it fails**

- `CredentialsRejected`: put a new key into the connection `airtide_<site>`.
- `QuotaSpent`: nothing to do, the site's quota is filled again at the time the message names.
- `RateLimited`, `PartUnreachable`: tried again by itself, unless the wait would reach into the next tick, which then
  tries; if it lasts, see whether the site or Kafka is down.
- `TickRefused`: this machine's clock and the site's are apart, or the run was too late: look at the clock.
- `ContractChanged`: the site answers in a new shape; the parser of that site has to follow.
- Green with outcome `partial`: a page was missing; the sweep's error says which.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import dag, task

from airtide.domain.models import Platform
from airtide.settings import POLLED_PLATFORMS, load_settings
from airtide.wiring.assets import SNAPSHOTS
from airtide.wiring.defaults import START_DATE, Stage, poll_args, poll_cron, tag_platform


def poll_site(platform: Platform, cadence_s: int) -> None:
    @dag(
        dag_id=f"poll_{platform}",
        schedule=poll_cron(cadence_s),
        start_date=START_DATE,
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=timedelta(seconds=cadence_s - 5),
        default_args=poll_args(cadence_s),
        tags=[Stage.POLL, tag_platform(platform)],
        doc_md=__doc__,
    )
    def poll_dag() -> None:
        @task(outlets=[SNAPSHOTS[platform]])
        def poll(dag_run):
            from airtide.wiring import tasks

            return tasks.poll(platform, dag_run.run_after)

        poll()

    poll_dag()


for polled in POLLED_PLATFORMS:
    poll_site(polled, load_settings().platform(polled).cadence_s)
