"""
# Replay dead letters

Sends dead letters that can be mended back to their topics, where they land like any other message: records of a site
that today's parser reads, and messages that decode by now. What is refused still is counted. With `dry_run`, as it
begins, it only tells; without, somebody has to approve the number under Required Actions first (20 hours).

**Derives.** Run it again as you like: what a crash sent twice lands once. `airtide dead-letters` shows what there is.

**If it fails**

- `MisconfiguredError`: a bound is neither offset nor time, or an offset came without its platform.
- `PartUnreachable`: Kafka or Postgres is down (`airtide doctor`). What was sent is marked; the next try goes on.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import dag, task

from airtide.wiring.approval import ask_approval
from airtide.wiring.defaults import DEFAULT_ARGS, START_DATE, Stage
from airtide.wiring.params import REPLAY_PARAMS


@dag(
    schedule=None,
    start_date=START_DATE,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=24),
    default_args=DEFAULT_ARGS,
    tags=[Stage.REPAIR],
    params=dict(REPLAY_PARAMS),
    doc_md=__doc__,
)
def replay_dead_letters() -> None:
    @task
    def count(params):
        from airtide.wiring import tasks

        return tasks.replay_dead_letters(params, dry_run=True)

    @task.short_circuit
    def is_wanted(found, params):
        return not params["dry_run"] and found["mended"] > 0

    @task
    def replay(params):
        from airtide.wiring import tasks

        return tasks.replay_dead_letters(params, dry_run=False)

    told = "{{ ti.xcom_pull(task_ids='count')['mended'] }} dead letters can be mended and would be sent."
    wanted = is_wanted(count())
    wanted >> ask_approval("Send dead letters back?", told) >> replay()


replay_dead_letters()
