"""The broadcasts that polls ask for by id, kept in `ingest.candidate`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

import psycopg

from airtide.domain.candidates import Candidate, CandidateAnswer
from airtide.domain.errors import AirtideError
from airtide.domain.models import Platform
from airtide.domain.volatility import Motion
from airtide.warehouse.connect import PostgresAddress, Role, connect, translate_failures
from airtide.warehouse.statements import read_statement

MISSING_FOR = timedelta(hours=1)
"""Longer than any gap between two samples that is bridged: a broadcast that comes back later starts anew anyway."""

ENDED_FOR = timedelta(days=1)
"""How long an end is remembered after it was last found, so that what still lists it does not bring it back."""


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

    def read_candidates(self, platform: Platform, *, due_until: datetime) -> Sequence[Candidate]:
        """Return those that have not ended and are due at `due_until` at the latest, in the order of their ids."""
        values = {"platform": platform.value, "due_until": due_until}
        with self._session() as connection:
            rows = connection.execute(read_statement("read_candidates"), values).fetchall()
        return [
            Candidate(
                broadcast_id=broadcast_id,
                due_at=due_at,
                asked_at=asked_at,
                seen_at=seen_at,
                is_resting=is_resting,
                motion=Motion(volatility=volatility, viewers=viewers, counted_at=counted_at),
            )
            for broadcast_id, due_at, asked_at, seen_at, is_resting, volatility, viewers, counted_at in rows
        ]

    def add_ids(self, platform: Platform, broadcast_ids: Sequence[str], *, found_at: datetime) -> int:
        """Remember broadcasts found, due at once; return how many were new. Known ones stay as they are."""
        # sorted, so that two searches at once take their locks in one order
        values = {"platform": platform.value, "broadcast_ids": sorted(set(broadcast_ids)), "found_at": found_at}
        with self._session() as connection:
            rows = connection.execute(read_statement("add_candidates"), values).fetchall()
        return sum(is_new for (is_new,) in rows)

    def note_answers(self, platform: Platform, *, asked_at: datetime, answers: Sequence[CandidateAnswer]) -> None:
        """Record what one sweep by id was told, and forget what is missing for too long or ended long ago."""
        told = {
            "platform": platform.value,
            "asked_at": asked_at,
            "broadcast_ids": [one.broadcast_id for one in answers],
            "due_at": [one.due_at for one in answers],
            "seen_at": [one.seen_at for one in answers],
            "ended_at": [one.ended_at for one in answers],
            "is_resting": [one.is_resting for one in answers],
            "volatility": [one.motion.volatility for one in answers],
            "viewers": [one.motion.viewers for one in answers],
            "counted_at": [one.motion.counted_at for one in answers],
        }
        limits = {
            "platform": platform.value,
            "missing": [one.broadcast_id for one in answers if one.seen_at is None],
            "missing_since": asked_at - MISSING_FOR,
            "remembered_since": asked_at - ENDED_FOR,
        }
        with self._session() as connection, connection.transaction():
            connection.execute(read_statement("note_candidate_answers"), told)
            connection.execute(read_statement("forget_candidates"), limits)

    @contextmanager
    def _session(self) -> Iterator[psycopg.Connection]:
        if self._connection is None:
            self._connection = connect(self._address, Role.INGEST, is_for_poll=True)
        try:
            with translate_failures(self._address):
                yield self._connection
        except AirtideError:
            self.close()
            raise
