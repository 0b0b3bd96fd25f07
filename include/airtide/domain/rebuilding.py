"""What a rebuild finds in the store, and what it did with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from airtide.domain.batches import LakeObject
from airtide.domain.spans import Span, count_offsets


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeObject:
    """An object whose rows are those that it was written with, and which messages they are."""

    stored: LakeObject
    topic: str
    topic_id: str
    spans: Mapping[int, Sequence[Span]]
    """Offsets by topic partition."""
    made_from_ms: int
    """When its earliest message was made; tells two lives of a topic apart."""

    @property
    def messages(self) -> int:
        """How many messages it holds."""
        return sum(count_offsets(spans) for spans in self.spans.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenObject:
    """An object that cannot be used, and why."""

    object_key: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildOutcome:
    """What one rebuild added, or with a dry run would add."""

    objects: int = 0
    """Found in the store, of the days asked for."""
    known: int = 0
    """Of these, all of whose messages were there already, or are in another one."""
    expired: int = 0
    """Of these, whose samples may no longer be kept."""
    broken: Sequence[str] = ()
    """Names of those that cannot be used."""
    messages: int = 0
    samples: int = 0
    """New ones; a dry run cannot tell."""
    sweeps: int = 0
    lost: int = 0
    """Messages between those found that no object holds: dead letters, and what was expired before it landed."""

    def add(self, **more: int) -> RebuildOutcome:
        """Return the outcome with these counts added to its own."""
        return replace(self, **{name: getattr(self, name) + count for name, count in more.items()})

    def to_dict(self) -> dict[str, object]:
        """Return it as plain values."""
        return asdict(self) | {"broken": list(self.broken)}


def order_objects(objects: Iterable[WholeObject]) -> list[WholeObject]:
    """Return the objects in the order in which their messages had landed, the larger of two with the same ones first.

    A topic that was made anew begins at offset 0 again: its lives follow each other by when their messages were made.
    Sweeps come after all snapshots, since they tell what has ended.
    """
    found = list(objects)
    begun: dict[tuple[str, str], int] = {}
    for item in found:
        life = (item.topic, item.topic_id)
        begun[life] = min(begun.get(life, item.made_from_ms), item.made_from_ms)

    def place(item: WholeObject) -> tuple[object, ...]:
        starts = sum(spans[0][0] for spans in item.spans.values())
        return (
            item.stored.kind,
            begun[item.topic, item.topic_id],
            item.stored.hour is not None,
            -item.stored.rows if item.stored.hour is None else starts,
            item.stored.object_key,
        )

    return sorted(found, key=place)
