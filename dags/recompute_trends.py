"""
# Compute days again

Computes hours and days again from the samples that are there, for one site or all: after a change of the definitions
(rows of an older `definitions_version`), after a repair of samples, for a zone that was added to the settings. By hand
only; with `dry_run`, as it is unless you say otherwise, it counts the days.

**Derives.** Each hour and day keeps its rows, of the version they tell, until the transaction that replaces them. What
comes out as it was keeps its `revision`. Days whose samples have begun to expire are sealed and stay as they are. Run
again, it changes nothing; landings and roll-ups may go on beside it.

**Do:** run it with `dry_run`, then without. Dates are those of every zone. A backfill of `roll_up_days` does the same
for the days that its runs once closed.

**If it fails**

- `MisconfiguredError`: a day is none, or the last lies before the first.
- `PartUnreachable`: Postgres is down (`airtide doctor`); run it again: days that are done change no more.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import dag, task

from airtide.wiring.defaults import DEFAULT_ARGS, START_DATE, Stage
from airtide.wiring.params import RECOMPUTE_PARAMS


@dag(
    schedule=None,
    start_date=START_DATE,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=12),
    default_args={**DEFAULT_ARGS, "execution_timeout": timedelta(hours=6)},
    params=RECOMPUTE_PARAMS,
    tags=[Stage.REPAIR],
    doc_md=__doc__,
)
def recompute_trends() -> None:
    @task
    def recompute(params):
        from airtide.wiring import recomputing

        return recomputing.recompute_by_params(params)

    recompute()


recompute_trends()
