"""Stable 63-bit keys: the same in every store and in every replay."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

from airtide.domain.models import Platform

NO_CATEGORY_KEY = 0
"""The category key of a sample that names no category."""

_SEPARATOR = "\x1f"


def hash_text(text: str) -> int:
    """Return the upper 63 bits of BLAKE2b-64 over UTF-8 `text`, 0 ≤ key < 2**63."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def hash_id(platform: Platform | str, text_id: str) -> int:
    """Return the key of a broadcast, channel or category: the hash of `platform:id`."""
    return hash_text(f"{platform}:{text_id}")


def hash_detail(
    broadcast_key: int,
    *,
    title: str | None,
    category_key: int,
    language: str | None,
    thumbnail_url: str | None,
    tags: Sequence[str],
    is_mature: bool | None,
) -> int:
    """Return the key of one set of a broadcast's attributes.

    A missing text and an empty one differ, and no text can run into its neighbour: each is written with its length.
    """
    mature = "" if is_mature is None else str(int(is_mature))
    texts = (title, language, thumbnail_url, *tags)
    parts = ["-" if text is None else f"{len(text)}:{text}" for text in texts]
    return hash_text(_SEPARATOR.join([str(broadcast_key), str(category_key), mature, *parts]))
