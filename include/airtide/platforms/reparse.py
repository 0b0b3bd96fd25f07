"""Parses a record again that a sweep had refused, by the parser of today; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from airtide.domain.errors import BadRecord
from airtide.domain.models import Platform, Sighting, Snapshot
from airtide.platforms.chzzk.parse import parse_live
from airtide.platforms.kick.parse import parse_livestream, parse_livestream_v1, rename_broadcast
from airtide.platforms.records import Observation
from airtide.platforms.soop.parse import parse_broad
from airtide.platforms.twitch.parse import parse_stream
from airtide.platforms.youtube.parse import parse_video

Parse = Callable[[bytes, Observation], Snapshot | None]


def _rename_livestream(raw: bytes, observation: Observation) -> Snapshot:
    return rename_broadcast(parse_livestream(raw, observation))


_PARSERS: Mapping[Platform, tuple[Parse, ...]] = {
    # the names of categories are not in the record: landing keeps those it knows
    Platform.YOUTUBE: (parse_video,),
    Platform.TWITCH: (parse_stream,),
    Platform.SOOP: (parse_broad,),
    Platform.CHZZK: (parse_live,),
    Platform.KICK: (parse_livestream,),
}
_KICK_V1: tuple[Parse, ...] = (parse_livestream_v1, _rename_livestream)
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
    for parse in _KICK_V1 if is_kick_v1 and platform is Platform.KICK else _PARSERS[platform]:
        try:
            return parse(raw, observation)
        except BadRecord as error:
            first = first or error
    raise first or BadRecord(f"no parser reads records of {platform}")
