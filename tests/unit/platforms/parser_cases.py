"""The fixture records of each site, and the parsers they go through."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from airtide.domain.models import Platform, Snapshot
from airtide.platforms.chzzk.parse import LIVES
from airtide.platforms.kick.parse import LIVESTREAMS, LIVESTREAMS_RENAMED, LIVESTREAMS_V1
from airtide.platforms.parsing import RecordParser
from airtide.platforms.records import Observation
from airtide.platforms.soop.parse import BROADS
from airtide.platforms.twitch.parse import STREAMS
from airtide.platforms.youtube.parse import VIDEOS

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "platforms"

OBSERVATIONS = {
    platform: Observation(
        platform=platform,
        sweep_id="site:2026-11-21T10:05:00Z:0badcafe",
        sampled_at=datetime(2026, 11, 21, 10, 5, tzinfo=UTC),
        fetched_at=datetime(2026, 11, 21, 10, 5, 2, tzinfo=UTC),
        cadence_s=300,
        category_names={"00040019": "리그 오브 레전드", "20": "Gaming"},
    )
    for platform in Platform
}


def parse_kick(raw: bytes, observation: Observation) -> Snapshot | None:
    """Parse a record of either version, which their ids of a channel tell apart."""
    parser = LIVESTREAMS_V1 if b'"broadcaster_user_id"' in raw else LIVESTREAMS
    return parser.parse(raw, observation)


_PARSERS: Mapping[Platform, Callable[[bytes, Observation], Snapshot | None]] = {
    Platform.TWITCH: STREAMS.parse,
    Platform.SOOP: BROADS.parse,
    Platform.CHZZK: LIVES.parse,
    Platform.YOUTUBE: VIDEOS.parse,
    Platform.KICK: parse_kick,
}

PAGE_PARSERS: Sequence[tuple[Platform, RecordParser[Any]]] = (
    (Platform.TWITCH, STREAMS),
    (Platform.SOOP, BROADS),
    (Platform.CHZZK, LIVES),
    (Platform.YOUTUBE, VIDEOS),
    (Platform.KICK, LIVESTREAMS),
    (Platform.KICK, LIVESTREAMS_RENAMED),
    (Platform.KICK, LIVESTREAMS_V1),
)

PARSERS: Mapping[Platform, Callable[[bytes], Snapshot | None]] = {
    platform: partial(parse, observation=OBSERVATIONS[platform]) for platform, parse in _PARSERS.items()
}

CASES = [
    (platform, path.stem, json.loads(path.read_text(encoding="utf-8")))
    for platform in PARSERS
    for path in sorted((FOLDER / platform).glob("*.json"))
]


def write_record(record: Any) -> bytes:
    """Return a record's bytes as a site would send them."""
    return json.dumps(record, ensure_ascii=False).encode()


def read_full_record(platform: Platform) -> dict[str, Any]:
    """Return the record of `platform` that has every field."""
    return next(case["record"] for site, name, case in CASES if site is platform and name == "full")
