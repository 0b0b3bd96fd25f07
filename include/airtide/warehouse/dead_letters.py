"""Dead letters in `ingest.dead_letter`: found, shown, and marked when they are sent back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row

from airtide.domain.batches import DeadLetter
from airtide.domain.dead_letters import KeptLetter, LetterCount, LetterQuery
from airtide.warehouse.connect import PostgresAddress, Role, connect, translate_failures
from airtide.warehouse.statements import read_statement

_Row = tuple[str, str, int, int, str, str, list[list[str | None]], bytes | None, datetime, datetime | None]


class WarehouseLetters:
    """Dead letters in Postgres; a connection is opened for each call."""

    def __init__(self, address: PostgresAddress) -> None:
        self._address = address

    def count_letters(self, query: LetterQuery) -> Sequence[LetterCount]:
        """Return how many there are by topic and reason, most first."""
        with self._connection() as connection, connection.cursor(row_factory=class_row(LetterCount)) as cursor:
            return cursor.execute(read_statement("count_letters"), _bind(query)).fetchall()

    def read_letters(
        self, query: LetterQuery, *, limit: int, after: KeptLetter | None = None, with_raw: bool = True
    ) -> Sequence[KeptLetter]:
        """Return at most `limit` beyond `after`, by topic, topic id, partition and offset."""
        values = {**_bind(query), **_bind_place(after), "limit": limit, "with_raw": with_raw}
        with self._connection() as connection:
            rows = connection.execute(read_statement("read_letters"), values).fetchall()
        return [_to_letter(row) for row in rows]

    def find_letter(self, topic: str, topic_partition: int, record_offset: int) -> KeptLetter | None:
        """Return the dead letter at a place; None when there is none."""
        values = {"topic": topic, "topic_partition": topic_partition, "record_offset": record_offset}
        with self._connection() as connection:
            row = connection.execute(read_statement("find_letter"), values).fetchone()
        return None if row is None else _to_letter(row)

    def mark_replayed(self, letters: Sequence[KeptLetter], *, at: datetime) -> None:
        """Put on record that they were sent back; those that are marked keep their mark."""
        values = {
            "topics": [kept.letter.topic for kept in letters],
            "topic_ids": [kept.topic_id for kept in letters],
            "topic_partitions": [kept.letter.topic_partition for kept in letters],
            "record_offsets": [kept.letter.record_offset for kept in letters],
            "replayed_at": at,
        }
        with self._connection() as connection:
            connection.execute(read_statement("mark_replayed"), values)

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection]:
        with translate_failures(self._address), connect(self._address, Role.INGEST) as connection:
            yield connection


def _bind(query: LetterQuery) -> dict[str, Any]:
    return {**asdict(query), "topics": list(query.topics)}


def _bind_place(after: KeptLetter | None) -> dict[str, Any]:
    return {
        "after_topic": after and after.letter.topic,
        "after_topic_id": after and after.topic_id,
        "after_partition": after and after.letter.topic_partition,
        "after_offset": after and after.letter.record_offset,
    }


def _to_letter(row: _Row) -> KeptLetter:
    topic, topic_id, number, offset, reason, detail, headers, raw, found_at, replayed_at = row
    return KeptLetter(
        letter=DeadLetter(
            topic=topic,
            topic_partition=number,
            record_offset=offset,
            reason=reason,
            detail=detail,
            raw=raw,
            headers=tuple((str(name), None if value is None else value.encode()) for name, value in headers),
        ),
        topic_id=topic_id,
        found_at=found_at,
        replayed_at=replayed_at,
    )
