"""The broadcasts that polls ask for by id, kept in `ingest.candidate`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

import psycopg

from airtide.domain.errors import AirtideError
from airtide.domain.models import Platform
from airtide.warehouse.connect import PostgresAddress, Role, connect, translate_failures
from airtide.warehouse.statements import read_statement

MISSING_FOR = timedelta(hours=1)
"""Longer than any gap between two samples that is bridged: a broadcast that comes back later starts anew anyway."""

ENDED_FOR = timedelta(days=1)
"""How long an end is remembered, so that a search which still lists the broadcast does not bring it back."""


class WarehouseCandidates:
    """Candidates in Postgres, over one connection that is opened at the first call and anew after a failure."""

    def __init__(self, address: PostgresAddress) -> None:
        self._address = address
        self._connection: psycopg.Connection | None = None

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def read_due_ids(self, platform: Platform, *, at: datetime, limit: int) -> Sequence[str]:
        """Return at most `limit` ids due at `at` of broadcasts that have not ended, those asked longest ago first."""
        values = {"platform": platform.value, "at": at, "limit": limit}
        with self._session() as connection:
            rows = connection.execute(read_statement("read_due_candidates"), values).fetchall()
        return [str(row[0]) for row in rows]

    def add_ids(self, platform: Platform, broadcast_ids: Sequence[str], *, found_at: datetime) -> int:
        """Remember broadcasts found live; return how many were new. Known ones stay as they are."""
        # sorted, so that two searches at once take their locks in one order
        values = {"platform": platform.value, "broadcast_ids": sorted(set(broadcast_ids)), "found_at": found_at}
        with self._session() as connection:
            return connection.execute(read_statement("add_candidates"), values).rowcount

    def note_answers(
        self,
        platform: Platform,
        *,
        asked_at: datetime,
        live: Sequence[str],
        ended: Mapping[str, datetime],
        missing: Sequence[str],
    ) -> None:
        """Record what one sweep by id was told, and forget what is missing for too long or ended long ago."""
        told_live = set(live)
        asked = sorted(told_live.union(ended, missing))
        answers = {
            "platform": platform.value,
            "asked_at": asked_at,
            "broadcast_ids": asked,
            "is_live": [broadcast_id in told_live for broadcast_id in asked],
            "ended_at": [ended.get(broadcast_id) for broadcast_id in asked],
        }
        limits = {
            "platform": platform.value,
            "missing": list(missing),
            "missing_since": asked_at - MISSING_FOR,
            "ended_before": asked_at - ENDED_FOR,
        }
        with self._session() as connection, connection.transaction():
            connection.execute(read_statement("note_candidate_answers"), answers)
            connection.execute(read_statement("forget_candidates"), limits)

    @contextmanager
    def _session(self) -> Iterator[psycopg.Connection]:
        if self._connection is None:
            self._connection = connect(self._address, Role.INGEST)
        try:
            with translate_failures(self._address):
                yield self._connection
        except AirtideError:
            self.close()
            raise
