"""Pictures that are too old, and the objects that no row needs any more."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

import psycopg

from airtide.domain.models import Platform
from airtide.warehouse.connect import PostgresAddress, Role, connect, translate_failures
from airtide.warehouse.pictures import read_sha256
from airtide.warehouse.statements import read_statement

CLAIMED_FOR = timedelta(minutes=15)
"""How long a claim holds: three times as long as any run lasts that means to write a row of the object."""

_SLICE = 10_000
"""Rows that one statement deletes at most."""


class WarehousePictureAges:
    """The warehouse side of pictures' retention. Every call is a transaction of its own, or several short ones."""

    def __init__(self, address: PostgresAddress) -> None:
        self._address = address

    def delete_rows(self, platform: Platform, *, now: datetime) -> int:
        """Delete slice after slice."""
        asked = {"platform": platform.value, "now": now, "slice": _SLICE}
        done = 0
        with self._session() as connection:
            while slice_ := connection.execute(read_statement("delete_pictures"), asked).rowcount:
                done += slice_
        return done

    def count_expired(self, platform: Platform, *, now: datetime) -> tuple[int, int]:
        """Count rows and objects."""
        asked = {"platform": platform.value, "now": now, "claimed_before": now - CLAIMED_FOR}
        with self._session() as connection:
            [(rows, objects)] = connection.execute(read_statement("count_expired_pictures"), asked).fetchall()
        return rows, objects

    def condemn(self, platform: Platform, *, now: datetime) -> int:
        """Condemn what no row needs and no run has claimed lately."""
        asked = {"platform": platform.value, "now": now, "claimed_before": now - CLAIMED_FOR}
        with self._session() as connection:
            return connection.execute(read_statement("condemn_pictures"), asked).rowcount

    def find_unlisted(self, object_keys: Sequence[str]) -> Collection[str]:
        """Return those without a row."""
        asked = {"object_keys": list(object_keys)}
        with self._session() as connection:
            return [key for (key,) in connection.execute(read_statement("find_unlisted_pictures"), asked).fetchall()]

    def condemn_loose(self, platform: Platform, object_keys: Sequence[str], *, now: datetime) -> int:
        """Enter objects as condemned from the start."""
        told = {
            "platform": platform.value,
            "object_keys": list(object_keys),
            "sha256s": [read_sha256(key) for key in object_keys],
            "now": now,
        }
        with self._session() as connection:
            return connection.execute(read_statement("condemn_loose_pictures"), told).rowcount

    def list_stored(self, platform: Platform, *, now: datetime) -> Iterator[str]:
        """Read slice after slice: what was stored since the oldest claim that holds may not have been written yet."""
        asked = {"platform": platform.value, "stored_before": now - CLAIMED_FOR, "after": "", "slice": _SLICE}
        with self._session() as connection:
            while keys := [key for (key,) in connection.execute(read_statement("list_stored_pictures"), asked)]:
                yield from keys
                asked["after"] = keys[-1]

    def note_lost(self, object_keys: Sequence[str], *, now: datetime) -> int:
        """Count them as not stored."""
        asked = {"object_keys": list(object_keys), "stored_before": now - CLAIMED_FOR}
        with self._session() as connection:
            return connection.execute(read_statement("note_lost_pictures"), asked).rowcount

    @contextmanager
    def remove_condemned(self, platform: Platform, *, most: int) -> Iterator[Sequence[str]]:
        """Hold the locks of their rows until the block ends: whoever claims one waits, and writes it anew."""
        asked = {"platform": platform.value, "most": most}
        with self._session() as connection, connection.transaction():
            # a session that is ended while a slow store removes would let others claim what is being removed
            connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            locked = [key for (key,) in connection.execute(read_statement("lock_condemned_pictures"), asked).fetchall()]
            named = {"object_keys": locked}
            # asked of the rows as they are under the locks, not as they were when these were taken
            spared = {key for (key,) in connection.execute(read_statement("spare_needed_pictures"), named).fetchall()}
            keys = [key for key in locked if key not in spared]
            yield keys
            connection.execute(read_statement("forget_pictures"), {"object_keys": keys})

    @contextmanager
    def _session(self) -> Iterator[psycopg.Connection]:
        with translate_failures(self._address), connect(self._address, Role.INGEST) as connection:
            yield connection
