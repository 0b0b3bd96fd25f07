"""What runs, since when, and what waits in Kafka."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from airtide.domain.models import Platform
from airtide.local.installation import Installation
from airtide.local.parts import Part
from airtide.local.supervision import PartState, Supervisor
from airtide.settings import POLLED_PLATFORMS
from airtide.wiring.adapters import Adapters
from airtide.wiring.connections import Connections, read_environment

if TYPE_CHECKING:
    from airtide.warehouse.queries.collection import Capture, Landing
    from airtide.warehouse.queries.reader import Answer, Query

DEADLINE_S = 3.0
"""How long Kafka may take to answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartLine:
    """One part as it is shown."""

    name: str
    ports: tuple[int, ...]
    word: str
    """Its state: the supervisor's word in lower case, or stopped when there is no supervisor."""
    pid: int | None = None
    since: datetime | None = None
    """When its process started, in UTC."""

    @property
    def runs(self) -> bool:
        """Tell whether its process runs."""
        return self.word == "running"


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicLag:
    """How far a topic is landed, summed over its partitions."""

    topic: str
    end_offset: int
    waiting: int
    """Messages that Kafka holds and landing has not reached."""
    lost: int
    """Messages that Kafka dropped before they were landed."""
    waiting_since: datetime | None = None
    """When the first waiting message was produced."""


def read_lines(installation: Installation) -> list[PartLine]:
    """Return every part with what the supervisor knows of it."""
    states = {state.name: state for state in Supervisor(installation.home).read_states()}
    return [_to_line(part, states.get(part.name)) for part in installation.parts]


def _to_line(part: Part, state: PartState | None) -> PartLine:
    if state is None:
        return PartLine(name=part.name, ports=part.ports, word="stopped")
    return PartLine(name=part.name, ports=part.ports, word=state.state.lower(), pid=state.pid, since=state.since)


def read_lags(installation: Installation) -> list[TopicLag]:
    """Return the lag of every topic; raises an `AirtideError` when Kafka or the warehouse does not answer in time."""
    connections = Connections(read_environment(installation.environment))
    with Adapters(connections, installation.settings) as adapters:
        return [lag for platform in POLLED_PLATFORMS for lag in _read_platform(adapters, platform)]


def read_failing(installation: Installation) -> Sequence[Landing]:
    """Return the landings whose last run failed; raises an `AirtideError` when the warehouse does not answer."""
    from airtide.warehouse.queries.collection import read_landings

    landings = _ask_warehouse(installation, lambda connection: read_landings(connection, POLLED_PLATFORMS))
    return [landing for landing in landings if landing.error is not None]


def read_captures(installation: Installation) -> Sequence[Capture]:
    """Return how capturing pictures stood after its last run; raises an `AirtideError` as above."""
    from airtide.warehouse.queries import collection

    return _ask_warehouse(installation, lambda connection: collection.read_captures(connection, POLLED_PLATFORMS))


def _ask_warehouse(installation: Installation, query: Query[Answer]) -> Answer:
    from airtide.warehouse.queries.reader import WarehouseReader

    address = Connections(read_environment(installation.environment)).postgres_address()
    with closing(WarehouseReader(address)) as warehouse:
        return warehouse.read(query)


def _read_platform(adapters: Adapters, platform: Platform) -> list[TopicLag]:
    from airtide.bus.groups import read_lag

    positions = adapters.ledger.read_positions(platform)
    lags = read_lag(adapters.connections.kafka_config(), platform, positions, deadline_s=DEADLINE_S)
    return [
        TopicLag(
            topic=topic,
            end_offset=sum(part.end_offset for part in parts),
            waiting=sum(part.lag - part.lost for part in parts),
            lost=sum(part.lost for part in parts),
            waiting_since=min((part.waiting_since for part in parts if part.waiting_since), default=None),
        )
        for topic, parts in ((topic, list(found)) for topic, found in groupby(lags, key=attrgetter("topic")))
    ]
