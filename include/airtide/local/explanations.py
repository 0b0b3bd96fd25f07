"""An explanation in words for a terminal, and whole as JSON; names and titles come from strangers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from airtide.domain.display import round_amount, round_share
from airtide.domain.marks import Marks
from airtide.local.safe_text import tame

if TYPE_CHECKING:
    from airtide.domain.explaining import WeighedSample
    from airtide.domain.viewership import DayMeasures
    from airtide.warehouse.queries.explaining import ChannelRanks
    from airtide.wiring.explaining import ExplainedBroadcast, Explanation

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HEADINGS = ("sampled at", "viewers", "its cell", "weight in ms", "viewers × weight")
_OUTSIDE = "taken outside the day: only its time counts"
_MARKS = (
    ("stuck_hours", "count stuck", "hour"),
    ("flat_hours", "flat line", "hour"),
    ("glitches", "glitch to 1", "time"),
    ("step_jumps", "step jump", "time"),
)


def tell_as_text(explanation: Explanation, *, most: int | None) -> Iterator[str]:
    """Yield the lines of an explanation, with at most so many samples a broadcast; None shows all. Instants are UTC."""
    channel, day, kept = explanation.channel, explanation.day, explanation.kept
    states = [explanation.data, *(["provisional"] if day.is_provisional else [])]
    if channel.platform in day.blocked_platforms:
        states.append("not final: a quality check fails, see `airtide quality`")
    yield f"{tame(channel.channel_name or channel.channel_id)} ({channel.platform}:{tame(channel.channel_id)})"
    yield f"{day.day} in {explanation.zone}: from {day.starts_at:%Y-%m-%d %H:%M} to {day.ends_at:%Y-%m-%d %H:%M} UTC"
    computed = f"definitions {kept.definitions_version}, computed {kept.computed_at:%Y-%m-%d %H:%M:%S} UTC"
    yield f"{', '.join(states)}; {computed}"
    yield ""
    for ranks in explanation.ranks:
        yield _tell_ranks(ranks, channel.platform)
    yield from _tell_numbers(kept.to_measures())
    for number, broadcast in enumerate(explanation.broadcasts, 1):
        yield ""
        yield f"Broadcast {number} of {len(explanation.broadcasts)}: {tame(broadcast.kept.broadcast_id)}"
        yield f"  {tame(broadcast.kept.title or 'without a title')}"
        yield from (f"  {line}" for line in _tell_broadcast(broadcast, most))
    yield ""
    verdict = _tell_verdict(explanation.differences)
    yield f"The broadcasts together and the channel's row: {verdict}"
    if not explanation.adds_up:
        yield _tell_reason(explanation)


def tell_as_json(explanation: Explanation) -> str:
    """Return all of an explanation; numbers are exact integers, instants RFC 3339 in UTC."""
    day = explanation.day
    told = {
        "data": explanation.data,
        "platform": explanation.channel.platform,
        "channel_id": explanation.channel.channel_id,
        "channel_name": explanation.channel.channel_name,
        "channel_handle": explanation.channel.channel_handle,
        "zone": explanation.zone,
        "day": day.day.isoformat(),
        "starts_at": _write_instant(day.starts_at),
        "ends_at": _write_instant(day.ends_at),
        "is_provisional": day.is_provisional,
        "is_blocked": explanation.channel.platform in day.blocked_platforms,
        "definitions_version": explanation.kept.definitions_version,
        "computed_at": _write_instant(explanation.kept.computed_at),
        "revision": explanation.kept.revision,
        "ranks": [asdict(ranks) for ranks in explanation.ranks],
        "kept": _list_numbers(explanation.kept.to_measures()),
        "broadcasts": [_list_broadcast(broadcast) for broadcast in explanation.broadcasts],
        "differences": list(explanation.differences),
        "adds_up": explanation.adds_up,
    }
    return json.dumps(told, indent=2)


def _tell_ranks(ranks: ChannelRanks, platform: str) -> str:
    where = "all sites that may be combined" if ranks.is_combined else platform
    return (
        f"Rank among {ranks.peers:,} channels of {where}: {ranks.rank_by_hours_watched:,} by hours watched, "
        f"{ranks.rank_by_average:,} by average, {ranks.rank_by_peak:,} by peak, {ranks.rank_by_airtime:,} by airtime"
    )


def _tell_numbers(row: DayMeasures) -> Iterator[str]:
    measures = row.measures
    yield f"Hours watched {round_amount(measures.hours_watched, decimals=2):,} = {measures.viewer_ms:,} / 3,600,000"
    yield (
        f"Average       {_tell_amount(measures.average_viewers)} = {measures.viewer_ms:,} / "
        f"{measures.known_airtime_ms:,} ms of airtime with a count"
    )
    peak = "unknown" if measures.peak_viewers is None else f"{measures.peak_viewers:,}"
    at = "" if measures.peak_at_ms is None else f" at {_to_instant(measures.peak_at_ms):%Y-%m-%d %H:%M:%S} UTC"
    yield f"Peak          {peak}{at}"
    yield f"Coverage      {_tell_share(row.coverage)} = {measures.airtime_ms:,} ms of airtime / {row.live_ms:,} ms live"


def _tell_broadcast(broadcast: ExplainedBroadcast, most: int | None) -> Iterator[str]:
    weighed = broadcast.explained.samples if broadcast.explained else ()
    shown = weighed[:most]
    yield from _lay_out([_HEADINGS, *map(_tell_sample, shown)], [one.is_inside for one in shown])
    if len(shown) < len(weighed):
        yield f"and {len(weighed) - len(shown):,} more samples: --all shows them"
    if broadcast.explained:
        measures = broadcast.explained.totals.measures
        yield (
            f"{measures.samples:,} samples in the day, {measures.known_samples:,} with a count; airtime "
            f"{measures.airtime_ms:,} ms, with a count {measures.known_airtime_ms:,} ms; viewers × weight "
            f"{measures.viewer_ms:,}; live {broadcast.explained.totals.live_ms:,} ms"
        )
    yield f"its samples and its row: {_tell_verdict(broadcast.differences)}"
    if broadcast.kept.marks != Marks():
        yield _tell_marks(broadcast.kept.marks)


def _tell_marks(marks: Marks) -> str:
    counted = [(words, getattr(marks, name), unit) for name, words, unit in _MARKS]
    told = ", ".join(
        f"{words} ({count:,} {unit}{'' if count == 1 else 's'})" for words, count, unit in counted if count
    )
    return f"marked, for somebody to look at: {told}; every count stands in the numbers as the site told it"


def _tell_sample(weighed: WeighedSample) -> tuple[str, ...]:
    sample = weighed.cell.sample
    from_at, until_at = _to_instant(weighed.cell.start_ms), _to_instant(weighed.cell.end_ms)
    return (
        f"{_to_instant(sample.sampled_at_ms):%Y-%m-%d %H:%M:%S}",
        "hidden" if sample.viewers is None else f"{sample.viewers:,}",
        f"{from_at:%H:%M:%S.%f}"[:12] + " to " + f"{until_at:%H:%M:%S.%f}"[:12],
        f"{weighed.weight_ms:,}",
        "" if sample.viewers is None else f"{weighed.viewer_ms:,}",
    )


def _lay_out(rows: Sequence[Sequence[str]], inside: Sequence[bool]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row, is_inside in zip(rows, [True, *inside], strict=True):
        cells = "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        yield cells if is_inside else f"{cells}  {_OUTSIDE}"


def _tell_verdict(differences: Sequence[str]) -> str:
    return "adds up" if not differences else f"DOES NOT ADD UP: {'; '.join(differences)}"


def _tell_reason(explanation: Explanation) -> str:
    if explanation.expired_before is not None:
        return (
            f"Samples taken before {explanation.expired_before:%Y-%m-%d %H:%M} UTC are past the age that they may be "
            "kept for: the numbers made from them stay, and can no longer be computed again."
        )
    if explanation.day.is_provisional:
        return "The day is provisional: a roll-up that waits for it may mend this."
    return (
        "A sample was changed by other means than landing, or a roll-up is wrong: `airtide verify` looks for the first."
    )


def _list_broadcast(broadcast: ExplainedBroadcast) -> dict[str, Any]:
    kept, explained = broadcast.kept, broadcast.explained
    return {
        "broadcast_id": kept.broadcast_id,
        "title": kept.title,
        "started_at": _write_instant(kept.started_at),
        "ended_at": _write_instant(kept.ended_at),
        "first_sampled_at": _write_instant(kept.first_sampled_at),
        "last_sampled_at": _write_instant(kept.last_sampled_at),
        "kept": _list_numbers(kept.to_measures()) if kept.is_kept else None,
        "marks": asdict(kept.marks) if kept.is_kept else None,
        "differences": list(broadcast.differences),
        "samples": [_list_sample(weighed) for weighed in (explained.samples if explained else ())],
    }


def _list_sample(weighed: WeighedSample) -> dict[str, Any]:
    sample = weighed.cell.sample
    return {
        "sampled_at": _write_instant(_to_instant(sample.sampled_at_ms)),
        "is_inside": weighed.is_inside,
        "viewers": sample.viewers,
        "cadence_s": sample.cadence_s,
        "cell_from": _write_instant(_to_instant(weighed.cell.start_ms)),
        "cell_until": _write_instant(_to_instant(weighed.cell.end_ms)),
        "weight_ms": weighed.weight_ms,
        "viewer_ms": None if sample.viewers is None else weighed.viewer_ms,
    }


def _list_numbers(row: DayMeasures) -> dict[str, Any]:
    numbers = asdict(row.measures)
    peak_at_ms = numbers.pop("peak_at_ms")
    peak_at = None if peak_at_ms is None else _write_instant(_to_instant(peak_at_ms))
    return {**numbers, "peak_at": peak_at, "live_ms": row.live_ms}


def _tell_amount(amount: Fraction | None) -> str:
    return "unknown" if amount is None else f"{round_amount(amount, decimals=2):,}"


def _tell_share(share: Fraction | None) -> str:
    return "unknown" if share is None else f"{round_share(share)} %"


def _to_instant(epoch_ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=epoch_ms)


def _write_instant(instant: datetime | None) -> str | None:
    if instant is None:
        return None
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
