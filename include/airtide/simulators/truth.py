"""The true hours watched, computed from the world itself: what the whole pipeline's numbers are checked against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal

import msgspec

from airtide.simulators.answers import Answer, answer_json
from airtide.simulators.clock import format_utc, parse_instant
from airtide.simulators.world import World
from airtide.simulators.world.measure import Truth
from airtide.simulators.world.world import PLATFORMS

_LONGEST_MS = 31 * 86_400_000


class TruthQuery(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """What to measure. Instants are RFC 3339 in UTC; the period is [from, to)."""

    from_: str
    to: str
    platform: str | None = None
    channel_id: str | None = None
    grain: Literal["broadcast", "channel"] = "broadcast"
    since: Annotated[dict[str, str], msgspec.Meta(max_length=100_000)] = {}
    """By broadcast id, a later begin for single broadcasts, such as the moment they were discovered."""


def answer_truth(world: World, query: Mapping[str, Any]) -> Answer:
    """Answer with the truth per broadcast or channel; times are epoch milliseconds, sums viewer-milliseconds."""
    try:
        asked = msgspec.convert(query, TruthQuery)
        from_ms, to_ms = parse_instant(asked.from_), parse_instant(asked.to)
        since_ms = {broadcast_id: parse_instant(text) for broadcast_id, text in asked.since.items()}
    except (msgspec.ValidationError, ValueError) as error:
        return answer_json({"error": str(error)}, status=400)
    if not 0 < to_ms - from_ms <= _LONGEST_MS:
        return answer_json({"error": "the period must end after it begins and last at most 31 days"}, status=400)
    if asked.platform not in (None, *PLATFORMS):
        return answer_json({"error": f"platform must be one of {', '.join(PLATFORMS)}"}, status=400)

    rows: list[dict[str, Any]] = []
    for platform in [asked.platform] if asked.platform else PLATFORMS:
        truths = (
            truth
            for truth in world.truths(platform, from_ms, to_ms, since_ms)
            if asked.channel_id in (None, truth.broadcast.channel.channel_id)
        )
        grains = {"broadcast": _render_broadcasts, "channel": _sum_channels}
        rows += ({"platform": platform} | row for row in grains[asked.grain](truths))
    period = {"from": format_utc(from_ms // 1000), "to": format_utc(to_ms // 1000)}
    return answer_json({"seed": world.seed, "grain": asked.grain} | period | {"rows": rows})


def _render_broadcasts(truths: Iterable[Truth]) -> Iterator[dict[str, Any]]:
    for truth in truths:
        broadcast = truth.broadcast
        yield {
            "channel_id": broadcast.channel.channel_id,
            "broadcast_id": broadcast.broadcast_id,
            "started_at_ms": broadcast.started_s * 1000,
            "ended_at_ms": broadcast.ended_s * 1000,
        } | _render_sums([truth])


def _sum_channels(truths: Iterable[Truth]) -> Iterator[dict[str, Any]]:
    by_channel: dict[str, list[Truth]] = {}
    for truth in truths:
        by_channel.setdefault(truth.broadcast.channel.channel_id, []).append(truth)
    for channel_id, group in by_channel.items():
        name = group[0].broadcast.channel.name
        yield {"channel_id": channel_id, "channel_name": name, "broadcasts": len(group)} | _render_sums(group)


def _render_sums(group: list[Truth]) -> dict[str, int | None]:
    peaks = [(-truth.peak_viewers, truth.peak_at_ms) for truth in group if truth.peak_viewers is not None]
    peak, peak_at_ms = min(peaks) if peaks else (None, None)
    return {
        "live_ms": sum(truth.live_ms for truth in group),
        "known_ms": sum(truth.known_ms for truth in group),
        "viewer_ms": sum(truth.viewer_ms for truth in group),
        "peak_viewers": None if peak is None else -peak,
        "peak_at_ms": peak_at_ms,
    }
