"""Jobs on dead letters: which are meant, what they hold, and sending back those that can be mended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from airtide.domain.dead_letters import KeptLetter, LetterCount, LetterQuery
from airtide.domain.errors import MisconfiguredError
from airtide.settings import POLLED_PLATFORMS

if TYPE_CHECKING:
    from airtide.pipeline.mend import Mender
    from airtide.pipeline.replay import ReplayOutcome
    from airtide.wiring.adapters import Adapters


def build_query(
    *,
    platform: str | None = None,
    reason: str | None = None,
    begin: str | None = None,
    end: str | None = None,
    with_replayed: bool = False,
) -> LetterQuery:
    """Return the query of what somebody typed; `begin` and `end` (exclusive) are offsets, or times they were found.

    Raises `MisconfiguredError` for an unknown site, for what is neither offset nor time, and for an offset of no site.
    """
    from airtide.bus.topics import snapshots_topic, sweeps_topic

    if platform is not None and platform not in POLLED_PLATFORMS:
        raise MisconfiguredError(f"there is no site {platform}: there are {', '.join(POLLED_PLATFORMS)}")
    platforms = [p for p in POLLED_PLATFORMS if platform in (None, p)]
    if platform is None and any(bound is not None and bound.isdecimal() for bound in (begin, end)):
        raise MisconfiguredError("an offset counts within one site's topics: name the site too")
    return LetterQuery(
        topics=[topic for p in platforms for topic in (snapshots_topic(p), sweeps_topic(p))],
        reason=reason,
        found_from=_read_time(begin),
        found_until=_read_time(end),
        offset_from=_read_offset(begin),
        offset_until=_read_offset(end),
        with_replayed=with_replayed,
    )


def list_letters(
    adapters: Adapters, query: LetterQuery, *, limit: int
) -> tuple[Sequence[LetterCount], Sequence[KeptLetter]]:
    """Return the counts by topic and reason, and the first `limit` letters without their bytes."""
    return adapters.letters.count_letters(query), adapters.letters.read_letters(query, limit=limit, with_raw=False)


def find_letter(adapters: Adapters, topic: str, topic_partition: int, record_offset: int) -> KeptLetter:
    """Return the letter at a place; raises `MisconfiguredError` when there is none."""
    kept = adapters.letters.find_letter(topic, topic_partition, record_offset)
    if kept is None:
        raise MisconfiguredError(
            f"no dead letter at offset {record_offset} of partition {topic_partition} of {topic}: "
            "`airtide dead-letters list` shows those there are"
        )
    return kept


def replay_letters(adapters: Adapters, query: LetterQuery, *, limit: int, dry_run: bool) -> ReplayOutcome:
    """Send back what of the query can be mended, or say what would be."""
    from airtide.pipeline.replay import replay_letters as replay

    return replay(
        query,
        letters=adapters.letters,
        sink=adapters.sink,
        mender=_build_mender(adapters),
        limit=limit,
        dry_run=dry_run,
    )


def replay_letter(adapters: Adapters, kept: KeptLetter, body: bytes | None, *, dry_run: bool) -> ReplayOutcome:
    """Send one letter back, with `body` in place of its bytes where given, or say whether it would be."""
    from airtide.pipeline.replay import replay_letter as replay

    return replay(
        kept,
        body=body,
        letters=adapters.letters,
        sink=adapters.sink,
        mender=_build_mender(adapters),
        dry_run=dry_run,
    )


def replay_by_params(adapters: Adapters, params: dict[str, Any], *, dry_run: bool) -> dict[str, object]:
    """Do what the Params of the Dag say, with `dry_run` told by the task."""
    query = build_query(platform=params["platform"], reason=params["reason"], begin=params["begin"], end=params["end"])
    return replay_letters(adapters, query, limit=params["limit"], dry_run=dry_run).to_dict()


def _build_mender(adapters: Adapters) -> Mender:
    from airtide.bus.reread import MessageCodec
    from airtide.pipeline.mend import Mender
    from airtide.platforms.reparse import parse_again

    return Mender(
        codec=MessageCodec(),
        parse=partial(parse_again, is_kick_v1=adapters.settings.platforms.kick.api_version == "v1"),
        read_raw_age=adapters.ledger.read_raw_age,
        clock=adapters.clock,
    )


def _read_offset(bound: str | None) -> int | None:
    return int(bound) if bound is not None and bound.isdecimal() else None


def _read_time(bound: str | None) -> datetime | None:
    if bound is None or bound.isdecimal():
        return None
    try:
        instant = datetime.fromisoformat(bound)
    except ValueError:
        raise MisconfiguredError(f"{bound[:40]!r} is neither an offset nor a time like 2026-01-31T12:00:00Z") from None
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant
