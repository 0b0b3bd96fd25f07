"""Lands what waits in Kafka outside Airflow, before its broker is stopped."""

from __future__ import annotations

import time

from airtide.settings import POLLED_PLATFORMS
from airtide.wiring import jobs
from airtide.wiring.adapters import Adapters
from airtide.wiring.connections import Connections


def land_all(connections: Connections, *, deadline_s: float) -> int:
    """Land every platform within `deadline_s` in all; return the samples landed.

    No batch is begun after the deadline; raises what a landing raises.
    """
    ends_at = time.monotonic() + deadline_s
    samples = 0
    with Adapters(connections) as adapters:
        for platform in POLLED_PLATFORMS:
            left_s = max(0.0, ends_at - time.monotonic())
            samples += int(jobs.land_platform(platform, adapters, deadline_s=left_s)["samples"])
    return samples
