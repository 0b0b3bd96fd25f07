"""What the store really holds of a platform, and its removal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from airtide.domain.models import Platform
from airtide.domain.retention import FoundObject, FoundPicture
from airtide.lake.keys import PICTURES
from airtide.lake.stores import ObjectStore, StoredObject

_ROOTS = ("snapshots", "sweeps", "compacted")
_PLACE = re.compile(r"/day=(\d{4}-\d\d-\d\d)/(?:hour=(\d\d)/)?[^/]+\.parquet$")


class StoredObjects:
    """Objects by what the store says, whatever the ledger lists."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def list_objects(self, platform: Platform) -> Iterator[FoundObject]:
        """Yield the objects of a platform; what has no name of ours is not told."""
        for root in _ROOTS:
            for stored in self._store.list(f"{root}/v1/platform={platform}/"):
                found = _read_name(stored)
                if found is not None:
                    yield found

    def remove(self, object_key: str) -> None:
        """Remove an object."""
        self._store.delete(object_key)


class StoredPictures:
    """Pictures by what the store says, whatever the rows of the warehouse say."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def list_pictures(self, platform: Platform) -> Iterator[FoundPicture]:
        """Yield the pictures of a platform."""
        for stored in self._store.list(f"{PICTURES}/{platform}/"):
            if stored.written_at is not None:
                yield FoundPicture(object_key=stored.key, written_at=stored.written_at)

    def remove(self, object_key: str) -> None:
        """Remove an object; nothing happens when there is none."""
        self._store.delete(object_key)


def _read_name(stored: StoredObject) -> FoundObject | None:
    place = _PLACE.search(stored.key)
    if place is None or stored.written_at is None:
        return None
    starts_at = datetime.fromisoformat(place[1]).replace(tzinfo=UTC, hour=int(place[2] or 0))
    return FoundObject(
        object_key=stored.key,
        bytes=stored.bytes,
        written_at=stored.written_at,
        starts_at=starts_at,
        ends_at=starts_at + (timedelta(days=1) if place[2] is None else timedelta(hours=1)),
    )
