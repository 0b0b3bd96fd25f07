"""
# Capture thumbnails

Takes the picture of every broadcast that a snapshot shows live: one at its start, then one every `picture_every_s` at
most, for sites with `policy.pictures: capture`. A consumer group of its own (`airtide.capture`) reads the topics;
its lag stands on the collection page. Each content is kept once, `live.thumbnail` says whose it was when.

**Observes.** What a host shows now is gone in a minute: of a message older than `pictures.stale_after_s` no picture is
taken any more. Kill or clear it as you like, or run several: offsets move only past pictures whose row is written, and
a broadcast that just got one gets no second. The newest of what is read at a time come first; after 4 minutes the rest
is left to the next run.

**If it fails**

- `PartUnreachable`: Kafka, Postgres or the object store is down (`airtide doctor`); the next run goes on from here.
- `left=soop` in the outcome: the site's picture hosts failed five times in a row. Others went on; its messages wait.
- `refused_…` counts: pictures that were not taken, by reason (README). The broadcast's next message asks again.
- the lag grows from run to run: raise `pictures.at_once` or the site's `picture_every_s`.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, task

from airtide.wiring.defaults import DEFAULT_ARGS, START_DATE, Stage


@dag(
    schedule=CronTriggerTimetable("*/5 * * * *", timezone="UTC"),
    start_date=START_DATE,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(minutes=15),
    default_args={**DEFAULT_ARGS, "retries": 1, "execution_timeout": timedelta(minutes=6)},
    tags=[Stage.CAPTURE],
    doc_md=__doc__,
)
def capture_thumbnails() -> None:
    @task
    def capture():
        from airtide.wiring import tasks

        return tasks.capture_thumbnails()

    capture()


capture_thumbnails()
