"""What retention looks at and what it counts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

RETIRED_FOR = timedelta(days=1)
"""How long a replaced object stays in the store for readers that listed it before."""
LOOSE_FOR = timedelta(hours=24)
"""How old an object must be before it counts as left over by a landing that never came to its transaction."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf of the samples: those of [starts_at, ends_at)."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundObject:
    """An object as the store lists it, with the times that its name tells."""

    object_key: str
    bytes: int
    written_at: datetime
    starts_at: datetime
    """The first instant that its samples may have."""
    ends_at: datetime
    """The instant that none of its samples reaches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPicture:
    """A picture's object as the store lists it."""

    object_key: str
    written_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """How much was, or would be, removed of one platform."""

    leaves: int = 0
    busy_leaves: int = 0
    """Read for too long by somebody: they wait for the next run."""
    dead_letters: int = 0
    flags: int = 0
    counts: int = 0
    """Broadcasts whose last count was emptied."""
    retired_objects: int = 0
    """Objects that no longer count, because their samples have expired."""
    removed_objects: int = 0
    loose_objects: int = 0
    """Objects that no ledger lists, now marked to go."""

    def add(self, other: Expired) -> Expired:
        """Return the sums."""
        mine, others = asdict(self), asdict(other)
        return Expired(**{name: mine[name] + others[name] for name in mine})

    def to_dict(self) -> dict[str, int]:
        """Return it as plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiredPictures:
    """How much was, or would be, removed of one platform's pictures."""

    pictures: int = 0
    """Rows: which picture belonged to which broadcast when."""
    picture_objects: int = 0
    """Objects that no row needed any more."""
    loose_pictures: int = 0
    """Those of them that nothing listed."""
    lost_pictures: int = 0
    """Objects that are in the store no longer, though nobody here removed them."""

    def add(self, other: ExpiredPictures) -> ExpiredPictures:
        """Return the sums."""
        mine, others = asdict(self), asdict(other)
        return ExpiredPictures(**{name: mine[name] + others[name] for name in mine})

    def to_dict(self) -> dict[str, int]:
        """Return it as plain values."""
        return asdict(self)
