"""Pictures for the demo: of yesterday's ranking as the simulated sites showed them then, and of what is live."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial

from airtide.domain.models import Platform
from airtide.domain.pictures import FetchedPicture, LastPicture, PictureWish
from airtide.local.patience import Patience, Report
from airtide.pipeline.capture import capture_pictures
from airtide.pipeline.capturing import CaptureOutcome, Studio
from airtide.pipeline.picture_ports import PictureSource
from airtide.settings import Settings
from airtide.warehouse.pictures import WarehousePictures
from airtide.warehouse.queries.pictures import read_ranked_broadcasts
from airtide.warehouse.queries.reader import WarehouseReader
from airtide.wiring import pictures
from airtide.wiring.adapters import Adapters
from airtide.wiring.connections import Connections

FIRST = 50
"""Channels of each platform's ranking; whoever is among the first of the combined one is among those."""
SETTLED_S = 600
"""A broadcast that is younger may have no picture yet."""
DAYS_BACK = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPictures:
    """How many were taken."""

    ranked: int
    live: int


def take_demo_pictures(
    connections: Connections, settings: Settings, day: date, zone: str, report: Report
) -> DemoPictures:
    """Take pictures for the ranking of a day of a zone at its time, then of what is live; taken once, not taken again.

    A part that is down is waited for, as in filling the past.
    """
    patience = Patience(report)
    with Adapters(connections, settings) as adapters:
        ranked = patience.insist(partial(take_ranked, adapters, day, zone))
        live = patience.insist(partial(pictures.capture_thumbnails, adapters))
    return DemoPictures(ranked=ranked.pictures.total(), live=int(live["pictures"]))


def take_ranked(adapters: Adapters, day: date, zone: str) -> CaptureOutcome:
    """Take the pictures of a day's ranking, each as its site showed it then."""
    address = adapters.connections.postgres_address()
    platforms = pictures.captured_platforms(adapters)
    read = partial(read_ranked_broadcasts, zone=zone, day=day, platforms=platforms, first=FIRST, settled_s=SETTLED_S)
    with closing(WarehouseReader(address)) as warehouse, closing(WarehousePictures(address)) as book:
        wishes = warehouse.read(read)
        studio = Studio(
            source=PastPictures(adapters.picture_source, wishes),
            codec=adapters.picture_codec,
            shelf=adapters.picture_shelf,
            book=book,
        )
        limits = replace(pictures.limits_of(adapters.settings), stale_after=DAYS_BACK)
        return capture_pictures(PastWishes(wishes), studio, adapters.clock, limits)


@dataclass(kw_only=True)
class PastBatch:
    """Wishes that no message asked for: there is nothing to commit."""

    wishes: Sequence[PictureWish]
    messages: int = 0
    is_caught_up: bool = True

    def commit(self, done: Collection[int]) -> bool:
        """Agree."""
        return True


@dataclass(frozen=True, slots=True)
class PastWishes:
    """A feed of one batch."""

    wishes: Sequence[PictureWish]

    def read(self, most: int, within_s: float) -> PastBatch:
        """Give all of them."""
        return PastBatch(wishes=self.wishes)


class PastPictures:
    """Simulated picture hosts, each asked as of the time that a picture is wanted of."""

    def __init__(self, source: PictureSource, wishes: Sequence[PictureWish]) -> None:
        self._source = source
        self._times: Mapping[tuple[Platform, str], datetime] = {
            (wish.platform, wish.picture_url): wish.sampled_at for wish in wishes
        }

    def fetch(self, platform: Platform, picture_url: str, last: LastPicture | None, *, at: datetime) -> FetchedPicture:
        """Fetch what the host showed then, whatever the time is now."""
        return self._source.fetch(platform, picture_url, last, at=self._times[platform, picture_url])
