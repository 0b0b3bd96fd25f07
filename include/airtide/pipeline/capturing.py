"""What a run that captures pictures is given, how much it does, and what it tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from airtide.domain.models import Platform
from airtide.domain.pictures import PictureRefusal
from airtide.pipeline.picture_ports import PictureBook, PictureCodec, PictureShelf, PictureSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Studio:
    """What pictures are taken with, and where they are kept."""

    source: PictureSource
    codec: PictureCodec
    shelf: PictureShelf
    book: PictureBook


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureLimits:
    """How much one run does."""

    every: Mapping[Platform, timedelta]
    """How long a broadcast keeps its newest picture, by site."""
    at_once: int
    """Pictures that are fetched at a time."""
    stale_after: timedelta
    """A message older than this gets no picture."""
    placeholder_channels: int
    """The same picture on so many channels of a site stands for none."""
    budget: timedelta = timedelta(minutes=4)
    """No picture is begun later than this after the run's start."""
    broadcasts: int = 50_000
    """How many are read ahead: of so many the newest pictures come first."""


class CaptureStatus(StrEnum):
    """Why a run ended."""

    CAUGHT_UP = "caught up"
    NOTHING_CAME = "nothing came"
    """Other members of the group have all partitions, or had until a moment ago."""
    BUDGET_SPENT = "budget spent"
    """The next run goes on from here."""


@dataclass(slots=True, kw_only=True)
class CaptureOutcome:
    """What a run did."""

    status: CaptureStatus = CaptureStatus.CAUGHT_UP
    messages: int = 0
    wishes: int = 0
    """Broadcasts that messages showed live, once for each time that messages were read together."""
    stale: int = 0
    not_due: int = 0
    unchanged: int = 0
    """Pictures of which the host said that they are the one that is kept."""
    uploads: int = 0
    """Pictures that were not in the store."""
    pictures: Counter[Platform] = field(default_factory=Counter)
    """Pictures captured, by site."""
    rows: int = 0
    """Those that were new: where another run captured the same broadcast at the same time, its picture counts."""
    placeholders: int = 0
    """Contents that were found to stand for no picture."""
    refused: Counter[PictureRefusal] = field(default_factory=Counter)
    fenced: int = 0
    """How often partitions went to another member before their messages were done: it reads them again."""
    left: list[Platform] = field(default_factory=list)
    """Sites whose hosts failed too often; their messages wait for the next run."""

    def to_dict(self) -> dict[str, int | str]:
        """Return it as plain values: counts, what was refused by its reason, and what was left where anything was."""
        counts = ("messages", "wishes", "stale", "not_due", "rows", "unchanged", "uploads", "placeholders", "fenced")
        return {
            "status": self.status.value,
            "pictures": self.pictures.total(),
            **{name: getattr(self, name) for name in counts},
            **{f"refused_{refusal}": count for refusal, count in sorted(self.refused.items()) if count},
            **({"left": ",".join(self.left)} if self.left else {}),
        }
