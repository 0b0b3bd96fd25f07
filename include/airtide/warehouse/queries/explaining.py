"""One channel's day with all that its numbers come from: ranks, kept rows, broadcasts, every sample near the day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from psycopg import Connection

from airtide.domain.cells import ViewerSample
from airtide.domain.explaining import SampledStretch, near
from airtide.domain.marks import Marks
from airtide.domain.models import Platform
from airtide.domain.periods import Period
from airtide.domain.viewership import DayMeasures, Measures
from airtide.warehouse.queries.fetch import fetch_row, fetch_rows

MOST_NAMESAKES = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedChannel:
    """A channel that was asked for by its id or its handle."""

    channel_key: int
    platform: str
    channel_id: str
    channel_name: str | None
    channel_handle: str | None
    is_by_id: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRanks:
    """Where a channel stands among all of its platform, or of all that may be combined."""

    is_combined: bool
    rank_by_hours_watched: int
    rank_by_average: int
    rank_by_peak: int
    rank_by_airtime: int
    peers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    samples: int | None
    known_samples: int | None
    airtime_ms: int | None
    known_airtime_ms: int | None
    live_ms: int | None
    viewer_ms: int | None
    peak_viewers: int | None
    peak_at: datetime | None

    def to_measures(self) -> DayMeasures:
        """Return the numbers as the arithmetic has them."""
        measures = Measures(
            samples=self.samples or 0,
            known_samples=self.known_samples or 0,
            airtime_ms=self.airtime_ms or 0,
            known_airtime_ms=self.known_airtime_ms or 0,
            viewer_ms=self.viewer_ms or 0,
            peak_viewers=self.peak_viewers,
            peak_at_ms=None if self.peak_at is None else to_ms(self.peak_at),
        )
        return DayMeasures(measures=measures, live_ms=self.live_ms or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptChannelDay(_Kept):
    """A channel's row of a day."""

    broadcasts: int
    definitions_version: int
    computed_at: datetime
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBroadcastDay(_Kept):
    """A broadcast near a day, and its row of it where `is_kept`."""

    broadcast_key: int
    broadcast_id: str
    title: str | None
    started_at: datetime | None
    ended_at: datetime | None
    """As the site told it."""
    first_sampled_at: datetime
    last_sampled_at: datetime
    is_kept: bool
    stuck_hours: int
    flat_hours: int
    glitches: int
    step_jumps: int

    @property
    def marks(self) -> Marks:
        """How often its counts looked wrong in the day; never where no row is kept."""
        return Marks(
            stuck_hours=self.stuck_hours,
            flat_hours=self.flat_hours,
            glitches=self.glitches,
            step_jumps=self.step_jumps,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelEvidence:
    """Everything that a channel's day can be computed again from, as it stood at one moment."""

    ranks: Sequence[ChannelRanks]
    kept: KeptChannelDay | None
    """None where the channel has no row in the day."""
    broadcasts: Sequence[KeptBroadcastDay]
    stretches: Sequence[SampledStretch]
    """Of the broadcasts, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _SampleRow:
    broadcast_key: int
    sampled_at: datetime
    viewers: int | None
    cadence_s: int


def find_named_channels(connection: Connection[Any], *, platform: Platform, name: str) -> list[NamedChannel]:
    """Find the channel of this id; where none has it, those of this handle in any case of letters."""
    asked = {"platform": platform, "name": name, "limit": MOST_NAMESAKES}
    found = fetch_rows(connection, "find_named_channels", NamedChannel, asked)
    return found[:1] if found and found[0].is_by_id else found


def read_channel_evidence(
    connection: Connection[Any], *, platform: Platform, channel_key: int, zone: str, day: date, period: Period
) -> ChannelEvidence:
    """Read what a channel's day was computed from; `period` is the day of the zone, as the calendar has it."""
    around = near(period)
    asked = {
        "platform": platform,
        "channel_key": channel_key,
        "zone": zone,
        "day": day,
        "ends_at": to_instant(period.end_ms),
        "from_at": to_instant(around.start_ms),
        "until_at": to_instant(around.end_ms),
    }
    broadcasts = fetch_rows(connection, "read_explained_broadcasts", KeptBroadcastDay, asked)
    keys = [broadcast.broadcast_key for broadcast in broadcasts]
    samples: defaultdict[int, list[ViewerSample]] = defaultdict(list)
    for row in fetch_rows(connection, "read_explained_samples", _SampleRow, {**asked, "broadcast_keys": keys}):
        samples[row.broadcast_key].append(
            ViewerSample(sampled_at_ms=to_ms(row.sampled_at), viewers=row.viewers, cadence_s=row.cadence_s)
        )
    return ChannelEvidence(
        ranks=fetch_rows(connection, "read_channel_ranks", ChannelRanks, asked),
        kept=fetch_row(connection, "read_channel_day", KeptChannelDay, asked),
        broadcasts=broadcasts,
        stretches=[_lay_out(broadcast, samples[broadcast.broadcast_key]) for broadcast in broadcasts],
    )


def _lay_out(broadcast: KeptBroadcastDay, samples: Sequence[ViewerSample]) -> SampledStretch:
    return SampledStretch(
        samples=tuple(samples),
        first_sampled_at_ms=to_ms(broadcast.first_sampled_at),
        last_sampled_at_ms=to_ms(broadcast.last_sampled_at),
        started_at_ms=None if broadcast.started_at is None else to_ms(broadcast.started_at),
        ended_at_ms=None if broadcast.ended_at is None else to_ms(broadcast.ended_at),
    )


def to_ms(instant: datetime) -> int:
    """Return an instant as epoch milliseconds, cut downwards."""
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def to_instant(epoch_ms: int) -> datetime:
    """Return epoch milliseconds as an instant, exactly."""
    return _EPOCH + timedelta(milliseconds=epoch_ms)
