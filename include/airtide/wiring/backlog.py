"""Lands what waits in Kafka outside Airflow, before its broker is stopped.

`python -m airtide.wiring.backlog SECONDS` is a process of its own, so that whoever waits for it can end it: a landing
that is killed is planned still, and the next one reads the same range.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed

from airtide.domain.errors import AirtideError
from airtide.domain.models import Platform
from airtide.settings import POLLED_PLATFORMS
from airtide.wiring import jobs
from airtide.wiring.adapters import Adapters
from airtide.wiring.connections import Connections, read_environment


def land_all(connections: Connections, tell: Callable[[str], None], *, deadline_s: float) -> None:
    """Land every platform side by side and tell of each, in a sentence, how it ended; one's failure stops no other.

    No batch is begun after `deadline_s`; one that was begun goes on until its parts answer.
    """
    with ThreadPoolExecutor(max_workers=len(POLLED_PLATFORMS)) as pool:
        landings = [pool.submit(_land, platform, connections, deadline_s) for platform in POLLED_PLATFORMS]
        for landing in as_completed(landings):
            tell(landing.result())


def _land(platform: Platform, connections: Connections, deadline_s: float) -> str:
    try:
        with Adapters(connections) as adapters:
            outcome = jobs.land_platform(platform, adapters, deadline_s=deadline_s)
    except AirtideError as error:
        return f"{platform}: not landed, it is after the next start: {error}"
    return f"{platform}: {outcome['status']}, {outcome['samples']:,} new samples"


def main() -> None:
    """Land everything with the connections of the environment, one line on standard output for each platform."""
    land_all(
        Connections(read_environment(os.environ)),
        lambda sentence: print(sentence, flush=True),
        deadline_s=float(sys.argv[1]),
    )


if __name__ == "__main__":
    main()
