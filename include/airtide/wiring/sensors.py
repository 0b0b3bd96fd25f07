"""Waits until a landing is worth its while, without holding a worker and without committing an offset."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException
from airflow.triggers.base import BaseTrigger, TriggerEvent

from airtide.domain.clock import Clock, WallClock
from airtide.domain.errors import AirtideError, OffsetAhead, PartUnreachable, PermanentError, TransientError
from airtide.domain.models import Platform
from airtide.settings import load_settings
from airtide.wiring.airflow_connections import AirflowConnections, read_backlog_connections
from airtide.wiring.connections import Connections

if TYPE_CHECKING:
    from airflow.sdk import Context

LOOK_EVERY_S = 5.0
GIVE_UP_AFTER_S = 240.0


def is_worth_landing(platform: Platform, connections: Connections, clock: Clock) -> bool:
    """Tell whether a sweep record, or a snapshot older than two cadences, lies beyond its position in Kafka."""
    from airtide.bus.backlog import find_backlog
    from airtide.warehouse.ledger import WarehouseLedger

    settings = load_settings()
    positions = WarehouseLedger(connections.postgres_address()).read_positions(platform)
    try:
        backlog = find_backlog(connections.kafka_config(), platform, positions, deadline_s=settings.kafka.deadline_s)
    except OffsetAhead:
        # the landing itself looks closer and says what to do
        return True
    if backlog.sweeps_waiting:
        return True
    patience = timedelta(seconds=2 * settings.platform(platform).cadence_s)
    oldest = backlog.oldest_snapshot_at
    return oldest is not None and clock.now() - oldest > patience


class BacklogTrigger(BaseTrigger):
    """Looks every few seconds; fires once, with what it saw."""

    def __init__(self, *, platform: str, look_every_s: float, give_up_after_s: float) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.platform = platform
        self.look_every_s = look_every_s
        self.give_up_after_s = give_up_after_s

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the path and arguments that build it again in the triggerer."""
        return "airtide.wiring.sensors.BacklogTrigger", {
            "platform": self.platform,
            "look_every_s": self.look_every_s,
            "give_up_after_s": self.give_up_after_s,
        }

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield one event: whether there is something to land, or the error of a part that does not answer."""
        connections = await read_backlog_connections()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.give_up_after_s
        try:
            while loop.time() < deadline:
                # a thread of its own: the clients block, and the triggerer's loop serves everybody
                if await asyncio.to_thread(is_worth_landing, Platform(self.platform), connections, WallClock()):
                    yield TriggerEvent({"backlog": True})
                    return
                await asyncio.sleep(self.look_every_s)
        except AirtideError as error:
            yield TriggerEvent({"error": str(error), "retry": isinstance(error, TransientError)})
            return
        yield TriggerEvent({"backlog": False})


class WaitForBacklog(BaseOperator):
    """Done as soon as a landing has something to do; skipped after four minutes without."""

    template_fields = ()

    def __init__(
        self,
        *,
        platform: Platform,
        look: Callable[[Platform, Connections, Clock], bool] = is_worth_landing,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.platform = platform
        self._look = look

    def execute(self, context: Context) -> None:
        """Look once before deferring: most runs are rung when something is there already."""
        if self._look(self.platform, AirflowConnections(), WallClock()):
            return
        self.defer(
            trigger=BacklogTrigger(
                platform=self.platform.value, look_every_s=LOOK_EVERY_S, give_up_after_s=GIVE_UP_AFTER_S
            ),
            method_name="resume",
        )

    def resume(self, context: Context, event: dict[str, Any]) -> None:
        """Go on to the landing, skip it, or fail with what the trigger ran into."""
        if "error" in event:
            raise (PartUnreachable if event["retry"] else PermanentError)(event["error"])
        if not event["backlog"]:
            raise AirflowSkipException("nothing to land")
