"""Channels, categories and details of a batch; each statement takes all rows at once as arrays."""

from __future__ import annotations

import json
from collections.abc import Sequence

import psycopg

from airtide.domain.landed import CategoryRow, ChannelRow, DetailRow
from airtide.domain.models import Platform
from airtide.warehouse.statements import read_statement


def land_channels(connection: psycopg.Connection, platform: Platform, rows: Sequence[ChannelRow]) -> None:
    """Write channels; the newer observation wins."""
    if rows:
        connection.execute(
            read_statement("land_channels"),
            {
                "platform": platform.value,
                "channel_keys": [row.channel_key for row in rows],
                "channel_ids": [row.channel_id for row in rows],
                "handles": [row.handle for row in rows],
                "names": [row.name for row in rows],
                "observed_at_ms": [row.observed_at_ms for row in rows],
            },
        )


def land_categories(connection: psycopg.Connection, platform: Platform, rows: Sequence[CategoryRow]) -> None:
    """Write categories; the newer observation wins."""
    if rows:
        connection.execute(
            read_statement("land_categories"),
            {
                "platform": platform.value,
                "category_keys": [row.category_key for row in rows],
                "category_ids": [row.category_id for row in rows],
                "names": [row.name for row in rows],
                "observed_at_ms": [row.observed_at_ms for row in rows],
            },
        )


def land_details(connection: psycopg.Connection, rows: Sequence[DetailRow]) -> None:
    """Write details that are new or seen earlier than known; most are neither, so they are asked for first."""
    if not rows:
        return
    asked = {
        "detail_keys": [row.detail_key for row in rows],
        "observed_from_ms": [row.observed_from_ms for row in rows],
    }
    new_keys = {row[0] for row in connection.execute(read_statement("find_new_details"), asked).fetchall()}
    new = [row for row in rows if row.detail_key in new_keys]
    if new:
        connection.execute(
            read_statement("land_details"),
            {
                "detail_keys": [row.detail_key for row in new],
                "broadcast_keys": [row.broadcast_key for row in new],
                "observed_from_ms": [row.observed_from_ms for row in new],
                "titles": [row.title for row in new],
                "category_keys": [row.category_key for row in new],
                "languages": [row.language for row in new],
                "thumbnail_urls": [row.thumbnail_url for row in new],
                "watch_urls": [row.watch_url for row in new],
                "tags": [json.dumps(row.tags, ensure_ascii=False) for row in new],
                "is_mature": [row.is_mature for row in new],
            },
        )
