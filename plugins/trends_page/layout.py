"""Fills the API's answers from the rows of the read side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from airtide.domain.models import Platform
from airtide.domain.viewership import DEFINITIONS_VERSION
from airtide.wiring.reads import (
    Buckets,
    ChannelList,
    ChannelPortrait,
    CollectionState,
    DataKind,
    FoundChannel,
    KeptPicture,
    LivePage,
    QualityState,
    RankedLists,
    Reads,
    SpanKind,
    find_span,
)
from trends_page import models
from trends_page.definitions import COMPUTED_BY, DEFINITIONS, MARKS
from trends_page.illustrate import Beside, show_beside, show_picture
from trends_page.parameters import LiveParameters, RankingParameters

Model = TypeVar("Model", bound=models.Answer)


def _fill(model: type[Model], rows: Iterable[object]) -> Sequence[Model]:
    return [model.model_validate(row) for row in rows]


def _fill_beside(model: type[Model], rows: Iterable[object], pictures: Iterable[Beside]) -> Sequence[Model]:
    """Fill a model from rows and, in the same order, what is shown beside each."""
    names = [name for name in model.model_fields if name != "picture"]
    return [
        model.model_validate({**{name: getattr(row, name) for name in names}, "picture": picture})
        for row, picture in zip(rows, pictures, strict=True)
    ]


def lay_out_live(reads: Reads, page: LivePage, asked: LiveParameters, root: str) -> models.Live:
    """Return a page of what is live; `root` is where the application is served, as in all that shows pictures."""
    names = [(broadcast.platform, broadcast.broadcast_id) for broadcast in page.broadcasts]
    found = reads.pictures.beside_broadcasts(names)
    return models.Live(
        data=reads.read_kind(),
        ticks=_fill(models.LatestTick, page.ticks),
        totals=_fill(models.LiveTotal, page.totals),
        total=sum(total.broadcasts for total in page.totals),
        limit=asked.limit,
        offset=asked.offset,
        broadcasts=_fill_beside(
            models.LiveBroadcast, page.broadcasts, (show_beside(found.get(name), root) for name in names)
        ),
    )


def lay_out_ranking(
    reads: Reads, zone: str, day: models.TrendDay, of: ChannelList, asked: RankingParameters, root: str
) -> models.Ranking:
    """Rank and return one page of what was asked for, the day or what holds it; a file shows no pictures."""
    span = find_span(asked.period, zone, day.day)
    page = {"limit": asked.limit, "offset": asked.offset}
    if asked.period is SpanKind.DAY:
        ranking = reads.rank_channels(zone, day.day, of, asked.metric, **page)
    else:
        day = models.TrendDay.model_validate(reads.spans.read_state(span))
        ranking = reads.spans.rank_channels(span, of, asked.metric, **page)
    names = [(channel.platform, channel.channel_id) for channel in ranking.channels]
    period = (day.starts_at, day.ends_at)
    found = reads.pictures.beside_channels(names, period) if asked.format == "json" else {}
    return models.Ranking(
        **day.model_dump(),
        data=reads.read_kind(),
        period=asked.period,
        last_day=span.last_day,
        zone=zone,
        metric=asked.metric,
        platform=asked.platform,
        language=asked.language,
        category_id=asked.category_id,
        left_out=ranking.left_out,
        low_coverage=reads.settings.trends.low_coverage,
        totals=models.RankingTotals.model_validate(ranking.totals),
        limit=asked.limit,
        offset=asked.offset,
        channels=_fill_beside(
            models.RankedChannel, ranking.channels, (show_beside(found.get(name), root) for name in names)
        ),
    )


def lay_out_lists(
    lists: RankedLists, zone: str, day: models.TrendDay, platform: Platform | None, data: DataKind
) -> models.RankedLists:
    """Return what channels of a day can be ranked within."""
    return models.RankedLists(
        data=data,
        zone=zone,
        day=day.day,
        platform=platform,
        languages=lists.languages,
        categories=_fill(models.RankedCategory, lists.categories),
    )


def lay_out_found(reads: Reads, found: Sequence[FoundChannel], q: str, root: str) -> models.FoundChannels:
    """Return the channels that a search found."""
    names = [(channel.platform, channel.channel_id) for channel in found]
    beside = reads.pictures.beside_channels(names)
    return models.FoundChannels(
        data=reads.read_kind(),
        q=q,
        channels=_fill_beside(models.FoundChannel, found, (show_beside(beside.get(name), root) for name in names)),
    )


def lay_out_channel(reads: Reads, portrait: ChannelPortrait, buckets: Buckets, zone: str, root: str) -> models.Channel:
    """Return one channel."""
    channel = portrait.channel
    name = (channel.platform, channel.channel_id)
    names = [(channel.platform, broadcast.broadcast_id) for broadcast in portrait.broadcasts]
    found = reads.pictures.beside_broadcasts(names)
    return models.Channel(
        data=reads.read_kind(),
        zone=zone,
        platform=Platform(channel.platform),
        channel_id=channel.channel_id,
        channel_name=channel.channel_name,
        channel_handle=channel.channel_handle,
        observed_at=channel.observed_at,
        picture=show_beside(reads.pictures.beside_channels([name]).get(name), root),
        buckets=models.Buckets.model_validate(buckets),
        viewers=portrait.viewers,
        holes=portrait.holes,
        days=_fill(models.ChannelDay, portrait.days),
        broadcasts=_fill_beside(
            models.ChannelBroadcast, portrait.broadcasts, (show_beside(found.get(name), root) for name in names)
        ),
    )


def lay_out_strip(
    reads: Reads, pictures: Sequence[KeptPicture], platform: Platform, broadcast_id: str, root: str
) -> models.BroadcastPictures:
    """Return a broadcast's pictures."""
    return models.BroadcastPictures(
        data=reads.read_kind(),
        platform=platform,
        broadcast_id=broadcast_id,
        pictures=[show_picture(kept, root) for kept in pictures],
    )


def lay_out_collection(reads: Reads, state: CollectionState) -> models.Collection:
    """Return how collection stands, one entry for every platform that is collected, also where nothing came yet."""
    return models.Collection(
        data=reads.read_kind(),
        platforms=[_lay_out_platform(reads, platform, state) for platform in reads.known_platforms],
        quotas=_fill(models.BucketState, reads.read_quotas()),
        dead_letters=_fill(models.DeadLetterCount, state.dead_letters),
        dirty_hours=state.waiting.dirty_hours,
        dirty_days=state.waiting.dirty_days,
        last_rolled_up_at=state.waiting.last_rolled_up_at,
    )


def _lay_out_platform(reads: Reads, platform: Platform, state: CollectionState) -> models.PlatformCollection:
    sweep = next((s for s in state.sweeps if s.platform == platform), None)
    ticks = next(t for t in state.ticks if t.platform == platform)
    seen = ticks.complete + ticks.partial + ticks.failed
    backlog = next((b for b in state.backlogs if b.platform == platform), None)
    landing = next((one for one in state.landings if one.platform == platform), None)
    capture = next((one for one in state.captures if one.platform == platform), None)
    loss = next((x for x in state.losses if x.platform == platform), None)
    return models.PlatformCollection(
        platform=platform,
        cadence_s=reads.settings.platform(platform).cadence_s,
        last_sweep=models.Sweep.model_validate(sweep) if sweep else None,
        ticks_due=max(reads.count_due_ticks(platform, ticks.first_sampled_at), seen),
        ticks_complete=ticks.complete,
        ticks_partial=ticks.partial,
        ticks_failed=ticks.failed,
        spend={spend.bucket: spend.cost for spend in state.spend if spend.platform == platform},
        known_lag=backlog.known_lag if backlog else None,
        batch_planned_at=backlog.batch_planned_at if backlog else None,
        landing=models.Landing.model_validate(landing) if landing else None,
        capture=models.Capture.model_validate(capture) if capture else None,
        dead_letters=sum(d.letters for d in state.dead_letters if d.platform == platform),
        lost_messages=loss.messages if loss else 0,
        last_loss_at=loss.last_accepted_at if loss else None,
    )


def lay_out_quality(state: QualityState, data: DataKind) -> models.Quality:
    """Return how hours were judged."""
    return models.Quality(
        data=data,
        platforms=_fill(models.CheckedPlatform, state.platforms),
        failures=_fill(models.FailedCheck, state.failures),
    )


def lay_out_definitions(reads: Reads) -> models.Definitions:
    """Return what the numbers mean and the settings they are computed under."""
    return models.Definitions(
        data=reads.read_kind(),
        computed_by=COMPUTED_BY,
        definitions_version=DEFINITIONS_VERSION,
        zones=reads.zones,
        low_coverage=reads.settings.trends.low_coverage,
        definitions=[models.Definition(term=term, meaning=meaning) for term, meaning in DEFINITIONS],
        marks=[models.MarkMeaning(mark=mark, term=term, meaning=meaning) for mark, term, meaning in MARKS],
        platforms=[_lay_out_terms(reads, platform) for platform in reads.known_platforms],
    )


def _lay_out_terms(reads: Reads, platform: Platform) -> models.PlatformTerms:
    branch, policy = reads.settings.platform(platform), reads.settings.policy(platform)
    return models.PlatformTerms(
        platform=platform,
        cadence_s=branch.cadence_s,
        viewer_floor=reads.settings.viewer_floor(platform),
        raw_age_s=int(policy.raw_age.total_seconds()),
        text_age_s=int(policy.text_age.total_seconds()),
        statistics_age_s=int(policy.statistics_age.total_seconds()),
        in_combined_rank=policy.in_combined_rank,
        source_url=policy.source_url,
    )
