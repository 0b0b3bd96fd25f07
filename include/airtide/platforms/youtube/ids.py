"""Ids of videos, as searches, feeds and playlists name them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from airtide.domain.pages import Tally

_IS_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{1,64}").fullmatch
"""Today they have eleven of these characters. Whatever else is in one ends a call for 50, or no store can hold it."""


def keep_video_ids(found: Iterable[str], where: str, tally: Tally) -> list[str]:
    """Return the ids that can be asked for, in their order.

    Others are left out one by one, so that they cost nobody else anything; their number is one failed part of `tally`,
    which names `where` they stood and never quotes them.
    """
    texts = list(found)
    kept = [text for text in texts if _IS_VIDEO_ID(text)]
    if len(kept) < len(texts):
        tally.failed_parts.append(f"youtube: {where}: {len(texts) - len(kept)} left out that are no ids of videos")
    return kept
