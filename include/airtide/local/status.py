"""What runs, since when, and what waits in Kafka."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from airtide.domain.errors import AirtideError
from airtide.domain.models import Platform
from airtide.local.installation import Installation
from airtide.local.parts import Part
from airtide.local.supervision import PartState, Supervisor
from airtide.settings import POLLED_PLATFORMS
from airtide.wiring.adapters import Adapters
from airtide.wiring.connections import Connections, read_environment

DEADLINE_S = 3.0


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
    """How far a topic is landed."""

    topic: str
    end_offset: int
    """Summed over its partitions, like `lag`."""
    lag: int


def read_lines(installation: Installation) -> list[PartLine]:
    """Return every part with what the supervisor knows of it."""
    states = {state.name: state for state in Supervisor(installation.home).read_states()}
    return [_to_line(part, states.get(part.name)) for part in installation.parts]


def _to_line(part: Part, state: PartState | None) -> PartLine:
    if state is None:
        return PartLine(name=part.name, ports=part.ports, word="stopped")
    return PartLine(name=part.name, ports=part.ports, word=state.state.lower(), pid=state.pid, since=state.since)


def read_lags(installation: Installation) -> Sequence[TopicLag]:
    """Return the lag of every topic; none when Kafka or the warehouse does not answer within 3 s."""
    settings = installation.settings
    soon = settings.model_copy(update={"kafka": settings.kafka.model_copy(update={"deadline_s": DEADLINE_S})})
    adapters = Adapters(Connections(read_environment(installation.environment)), soon)
    try:
        return [lag for platform in POLLED_PLATFORMS for lag in _read_platform(adapters, platform)]
    except AirtideError:
        return []


def _read_platform(adapters: Adapters, platform: Platform) -> list[TopicLag]:
    positions = adapters.ledger.read_positions(platform)
    return [
        TopicLag(
            topic=facts.topic,
            end_offset=sum(facts.end_offsets.values()),
            lag=sum(
                end - max(positions.get((facts.topic, number), 0), facts.low_offsets[number])
                for number, end in facts.end_offsets.items()
            ),
        )
        for facts in adapters.log.describe_topics(platform)
    ]
