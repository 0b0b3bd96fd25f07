"""What is forgotten by its age, beside raw data: texts and statistics."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAges:
    """How long each kind of one platform's data may be kept."""

    raw_age: timedelta
    text_age: timedelta
    statistics_age: timedelta
    picture_age: timedelta
    """Zero where none are captured."""

    @property
    def longest(self) -> timedelta:
        """After so long nothing tells of a broadcast any more."""
        return max(self.raw_age, self.text_age, self.statistics_age, self.picture_age)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """How much was forgotten of one platform; `+` adds up."""

    hour_rows: int = 0
    """Rows of hours: states, figures of platforms and categories, marks, what quality checks observed."""
    day_rows: int = 0
    texts: int = 0
    """Attributes of broadcasts that have lost title, tags and addresses."""
    names: int = 0
    """Channels that have lost name and handle."""
    picture_addresses: int = 0
    """Pictures that have lost the address they came from: it may name the channel."""
    broadcasts: int = 0
    """Broadcasts that no number told of any more."""
    channels: int = 0

    def __add__(self, other: Forgotten) -> Forgotten:
        mine, others = asdict(self), asdict(other)
        return Forgotten(**{name: mine[name] + others[name] for name in mine})

    def to_dict(self) -> dict[str, int]:
        """Return it as plain values."""
        return asdict(self)
