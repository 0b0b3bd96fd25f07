"""Raw data of the warehouse that is older than its platform's policy allows, and the objects that the ledger lists."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString

from psycopg.errors import LockNotAvailable

from airtide.domain.models import Platform
from airtide.domain.retention import RETIRED_FOR, Expired, FoundObject, Leaf
from airtide.warehouse.objects import WarehouseObjects
from airtide.warehouse.statements import read_statement

logger = logging.getLogger(__name__)

_SLICE = 10_000
"""Rows that one statement deletes at most: no landing waits long for it."""


class WarehouseRaw(WarehouseObjects):
    """The warehouse side of retention. Every call is a transaction of its own, or several short ones."""

    def count_expired(self, platform: Platform, *, before: datetime, now: datetime) -> Expired:
        """Count what the other calls would remove."""
        asked = {"platform": platform.value, "before": before, "retired_before": now - RETIRED_FOR}
        with self._connection() as connection:
            [counts] = connection.execute(read_statement("count_expired"), asked).fetchall()
        dead_letters, flags, emptied, retired, removed = counts
        return Expired(
            leaves=len(self.find_expired_leaves(platform, before=before)),
            dead_letters=dead_letters,
            flags=flags,
            counts=emptied,
            retired_objects=retired,
            removed_objects=removed,
        )

    def find_expired_leaves(self, platform: Platform, *, before: datetime) -> Sequence[Leaf]:
        """Return the leaves that end before samples may be kept."""
        asked = {"platform": platform.value, "before": before}
        with self._connection() as connection:
            rows = connection.execute(read_statement("find_expired_leaves"), asked).fetchall()
        return [Leaf(starts_at, ends_at) for starts_at, ends_at in rows]

    def drop_leaf(self, platform: Platform, leaf: Leaf) -> bool:
        """Empty it in one transaction, drop it in another, each waiting two seconds for its locks at most."""
        where = {"platform": platform.value, "starts_at": leaf.starts_at, "ends_at": leaf.ends_at}
        with self._connection() as connection:
            try:
                connection.execute(read_statement("empty_leaf"), where)
                connection.execute(read_statement("drop_leaf"), where)
            except LockNotAvailable:
                logger.warning("busy platform=%s leaf=%s: somebody reads it, the next run tries again", platform, leaf)
                return False
        return True

    def delete_expired(self, platform: Platform, *, before: datetime) -> Expired:
        """Delete slice after slice."""
        return Expired(
            dead_letters=self._repeat("delete_dead_letters", platform, before),
            flags=self._repeat("delete_flags", platform, before),
            counts=self._repeat("empty_counts", platform, before),
        )

    def retire_expired(self, platform: Platform, *, before: datetime, now: datetime) -> int:
        """Retire what counts and is too old."""
        asked = {"platform": platform.value, "before": before, "now": now}
        with self._connection() as connection:
            return connection.execute(read_statement("retire_expired_objects"), asked).rowcount

    def find_removable(self, platform: Platform, *, before: datetime, now: datetime, limit: int) -> Sequence[str]:
        """Return names of retired objects whose time has come."""
        asked = {"platform": platform.value, "before": before, "retired_before": now - RETIRED_FOR, "limit": limit}
        with self._connection() as connection:
            return [key for (key,) in connection.execute(read_statement("find_removable_objects"), asked).fetchall()]

    def forget_objects(self, object_keys: Sequence[str]) -> None:
        """Drop the rows of retired objects."""
        with self._connection() as connection:
            connection.execute(read_statement("forget_objects"), {"object_keys": list(object_keys)})

    def find_unlisted(self, objects: Sequence[FoundObject]) -> Sequence[FoundObject]:
        """Return those without a row."""
        asked = {"object_keys": [found.object_key for found in objects]}
        with self._connection() as connection:
            unlisted = {key for (key,) in connection.execute(read_statement("find_unlisted_objects"), asked).fetchall()}
        return [found for found in objects if found.object_key in unlisted]

    def has_planned_since(self, platform: Platform, before: datetime) -> bool:
        """Look for a batch that was planned then and still is."""
        asked = {"platform": platform.value, "before": before}
        with self._connection() as connection:
            return connection.execute(read_statement("find_old_plan"), asked).fetchone() is not None

    def condemn(self, platform: Platform, objects: Sequence[FoundObject], *, now: datetime) -> int:
        """Enter objects as retired from the start."""
        told = {
            "platform": platform.value,
            "object_keys": [found.object_key for found in objects],
            "bytes": [found.bytes for found in objects],
            "starts_at": [found.starts_at for found in objects],
            "ends_at": [found.ends_at for found in objects],
            "now": now,
        }
        with self._connection() as connection:
            return connection.execute(read_statement("condemn_objects"), told).rowcount

    def _repeat(self, statement: LiteralString, platform: Platform, before: datetime) -> int:
        asked = {"platform": platform.value, "before": before, "slice": _SLICE}
        done = 0
        with self._connection() as connection:
            while slice_ := connection.execute(read_statement(statement), asked).rowcount:
                done += slice_
        return done
