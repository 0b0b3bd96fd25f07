"""The way from a channel's rank of a day down to every sample and its weight, and whether it adds up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING

from airtide.domain.errors import MisconfiguredError
from airtide.domain.explaining import ExplainedDay, explain_day, find_differences
from airtide.domain.models import Platform
from airtide.domain.periods import Period
from airtide.domain.viewership import sum_days
from airtide.warehouse.policies import read_raw_age
from airtide.warehouse.queries.explaining import (
    ChannelEvidence,
    ChannelRanks,
    KeptBroadcastDay,
    KeptChannelDay,
    NamedChannel,
    find_named_channels,
    read_channel_evidence,
    to_ms,
)
from airtide.wiring.days import choose_day

if TYPE_CHECKING:
    from airtide.warehouse.queries.collection import DataKind
    from airtide.warehouse.queries.rankings import TrendDay
    from airtide.wiring.reads import Reads


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedBroadcast:
    """One broadcast of the channel with a row in the day, or that should have one."""

    kept: KeptBroadcastDay
    explained: ExplainedDay | None
    differences: Sequence[str]
    """How its row differs from what its samples add up to; none where it adds up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A channel's day, from its ranks down to its samples."""

    data: DataKind
    channel: NamedChannel
    zone: str
    day: TrendDay
    ranks: Sequence[ChannelRanks]
    kept: KeptChannelDay
    broadcasts: Sequence[ExplainedBroadcast]
    differences: Sequence[str]
    """How the channel's row differs from the sum over its broadcasts' samples."""
    expired_before: datetime | None
    """Where samples of the day may be gone: those taken before this; None where all are kept."""

    @property
    def adds_up(self) -> bool:
        """Whether the channel's row and every broadcast's are what the samples add up to."""
        return not self.differences and not any(broadcast.differences for broadcast in self.broadcasts)


def explain_channel(reads: Reads, *, platform: Platform, name: str, day: date, zone: str | None) -> Explanation:
    """Explain one channel's day of a zone, the first that is rolled up when none is named.

    `name` is its id, or its handle in any case of letters. Raises `MisconfiguredError` for what is not there.
    """
    zone, known = choose_day(reads, zone, day)
    channel = _find_channel(reads, platform, name)
    evidence = reads.warehouse.read(
        partial(
            read_channel_evidence,
            platform=platform,
            channel_key=channel.channel_key,
            zone=zone,
            day=day,
            period=Period(to_ms(known.starts_at), to_ms(known.ends_at)),
        )
    )
    if evidence.kept is None:
        raise MisconfiguredError(
            f"channel {channel.channel_id!r} of {platform} has no numbers of {day} in zone {zone}: it was not live then"
        )
    kept_since = reads.clock.now() - reads.warehouse.read(partial(read_raw_age, platform=platform))
    return _explain(evidence, evidence.kept, known, channel, zone, reads.read_kind(), kept_since)


def _find_channel(reads: Reads, platform: Platform, name: str) -> NamedChannel:
    found = reads.warehouse.read(partial(find_named_channels, platform=platform, name=name))
    if not found:
        raise MisconfiguredError(
            f"no channel of {platform} with the id or handle {name!r} was ever seen here; the page finds it by its name"
        )
    if len(found) > 1:
        ids = ", ".join(repr(channel.channel_id) for channel in found)
        raise MisconfiguredError(f"several channels of {platform} have the handle {name!r}: name one by its id, {ids}")
    return found[0]


def _explain(
    evidence: ChannelEvidence,
    kept: KeptChannelDay,
    day: TrendDay,
    channel: NamedChannel,
    zone: str,
    data: DataKind,
    kept_since: datetime,
) -> Explanation:
    period = Period(to_ms(day.starts_at), to_ms(day.ends_at))
    broadcasts = []
    for row, stretch in zip(evidence.broadcasts, evidence.stretches, strict=True):
        explained = explain_day(stretch, period)
        if row.is_kept or explained is not None:
            totals = explained.totals if explained is not None else None
            differences = find_differences(row.to_measures() if row.is_kept else None, totals)
            broadcasts.append(ExplainedBroadcast(kept=row, explained=explained, differences=differences))
    whole = sum_days(broadcast.explained.totals for broadcast in broadcasts if broadcast.explained is not None)
    differences = find_differences(kept.to_measures(), whole)
    if kept.broadcasts != len(broadcasts):
        differences.append(f"broadcasts: {kept.broadcasts:,} are kept, {len(broadcasts):,} were live")
    return Explanation(
        data=data,
        channel=channel,
        zone=zone,
        day=day,
        ranks=evidence.ranks,
        kept=kept,
        broadcasts=broadcasts,
        differences=differences,
        expired_before=kept_since if kept_since > day.starts_at else None,
    )
