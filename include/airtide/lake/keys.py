"""Names of objects: a name says which messages it holds, so that writing it again is the same write."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import blake2b

from airtide.domain.batches import Batch, OffsetRange, kind_of_topic
from airtide.domain.models import Platform

RANGES = "airtide.ranges"
"""Key of the exact ranges in a file's metadata."""

PICTURES = "thumbnails"
"""Where pictures lie, each platform's in a folder of its own."""

_LAYOUT = "v1"
_DIGEST_BYTES = 6


def object_key(batch: Batch, kind: str, *, day: str, hour: int) -> str:
    """Return the name of the object that holds the batch's messages of `kind` whose tick lies in an hour UTC.

    `day` is YYYY-MM-DD. From and to count messages of the topic over all its partitions; the digest tells apart batches
    that cut the partitions differently, and topics that were made anew under an old name.
    """
    ranges = ranges_of(batch, kind)
    topic = ranges[0].topic
    from_message = sum(part.start_offset for part in ranges)
    to_message = sum(part.end_offset for part in ranges)
    return (
        f"{kind}/{_LAYOUT}/platform={batch.platform}/day={day}/hour={hour:02}/"
        f"{topic}+{from_message:020}-{to_message:020}+{digest_ranges(batch)}.parquet"
    )


def compacted_key(platform: Platform, *, day: str, kind: str, topic_id: str, replaced: Iterable[str]) -> str:
    """Return the name of the object that holds the messages of the objects named in `replaced`, in any order."""
    text = json.dumps([kind, topic_id, sorted(replaced)])
    return f"compacted/{_LAYOUT}/platform={platform}/day={day}/{_digest(text)}.parquet"


def picture_key(platform: Platform, sha256: str) -> str:
    """Return the name of the object that holds a picture; the digest is that of its bytes, in 64 hex digits."""
    return f"{PICTURES}/{platform}/{sha256[:2]}/{sha256}.webp"


def ranges_of(batch: Batch, kind: str) -> list[OffsetRange]:
    """Return the batch's ranges of one of its topics, by partition."""
    ranges = [part for part in batch.ranges if kind_of_topic(part.topic) == kind]
    return sorted(ranges, key=lambda part: part.topic_partition)


def write_ranges(batch: Batch, kind: str) -> str:
    """Return the exact ranges of one topic as JSON, with the topic's id."""
    ranges = ranges_of(batch, kind)
    return json.dumps(
        {
            "topic": ranges[0].topic,
            "topic_id": batch.topic_ids[ranges[0].topic],
            "ranges": [
                {
                    "topic_partition": part.topic_partition,
                    "start_offset": part.start_offset,
                    "end_offset": part.end_offset,
                }
                for part in ranges
            ],
        }
    )


def digest_ranges(batch: Batch) -> str:
    """Return 12 hex digits of BLAKE2b over the batch's topic ids and ranges, in any order given."""
    parts = sorted((part.topic, part.topic_partition, part.start_offset, part.end_offset) for part in batch.ranges)
    text = json.dumps([sorted(batch.topic_ids.items()), parts])
    return _digest(text)


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=_DIGEST_BYTES).hexdigest()
