"""Parses a record again that a sweep had refused, by the parser of today; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from airtide.domain.errors import BadRecord
from airtide.domain.models import Platform, Sighting, Snapshot
from airtide.platforms.chzzk.parse import LIVES
from airtide.platforms.kick.parse import LIVESTREAMS, LIVESTREAMS_RENAMED, LIVESTREAMS_V1
from airtide.platforms.parsing import RecordParser
from airtide.platforms.records import Observation
from airtide.platforms.soop.parse import BROADS
from airtide.platforms.twitch.parse import STREAMS
from airtide.platforms.youtube.parse import VIDEOS

_PARSERS: Mapping[Platform, RecordParser[Any]] = {
    # the names of categories are not in the record: landing keeps those it knows
    Platform.YOUTUBE: VIDEOS,
    Platform.TWITCH: STREAMS,
    Platform.SOOP: BROADS,
    Platform.CHZZK: LIVES,
    Platform.KICK: LIVESTREAMS,
}
_KICK_V1: Sequence[RecordParser[Any]] = (LIVESTREAMS_V1, LIVESTREAMS_RENAMED)
"""Lists of version 1 have one form, the list by channel the other one, both under the id that is made for them."""


def parse_again(platform: Platform, raw: bytes, seen: Sighting, *, is_kick_v1: bool = False) -> Snapshot | None:
    """Return the snapshot of a site's record; None when it holds nothing to observe.

    `is_kick_v1` says that Kick's sweeps use version 1 of its API. Raises `BadRecord` with what the first of the site's
    parsers says when none takes the record.
    """
    observation = Observation(
        platform=platform,
        sweep_id=seen.sweep_id,
        sampled_at=seen.sampled_at,
        fetched_at=seen.fetched_at,
        cadence_s=seen.cadence_s,
    )
    first: BadRecord | None = None
    for parser in _KICK_V1 if is_kick_v1 and platform is Platform.KICK else (_PARSERS[platform],):
        try:
            return parser.parse(raw, observation)
        except BadRecord as error:
            first = first or error
    raise first or BadRecord(f"no parser reads records of {platform}")
