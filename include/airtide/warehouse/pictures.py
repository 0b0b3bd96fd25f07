"""Pictures of broadcasts in the warehouse: which one belonged to which broadcast when, and the objects they lie in."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import PurePosixPath

import psycopg
from psycopg.rows import dict_row

from airtide.domain.errors import AirtideError
from airtide.domain.models import Platform
from airtide.domain.pictures import CapturedPicture
from airtide.warehouse.connect import PostgresAddress, Role, connect, translate_failures
from airtide.warehouse.statements import read_statement


class WarehousePictures:
    """Rows and claims of pictures, over one connection that is opened at the first call and anew after a failure."""

    def __init__(self, address: PostgresAddress) -> None:
        self._address = address
        self._connection: psycopg.Connection | None = None

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def read_last(self, broadcast_keys: Sequence[int]) -> Mapping[int, CapturedPicture]:
        """Look up the newest row of each."""
        asked = {"broadcast_keys": list(broadcast_keys)}
        with self._session() as connection, connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(read_statement("read_last_pictures"), asked).fetchall()
        pictures = [CapturedPicture(**{**row, "platform": Platform(row["platform"])}) for row in rows]
        return {picture.broadcast_key: picture for picture in pictures}

    def find_placeholders(self, platform: Platform, sha256s: Collection[str]) -> Collection[str]:
        """Look them up."""
        asked = {"platform": platform.value, "sha256s": list(sha256s)}
        with self._session() as connection:
            return {sha256 for (sha256,) in connection.execute(read_statement("find_placeholders"), asked).fetchall()}

    def claim(self, object_keys: Mapping[str, Platform], *, now: datetime) -> Collection[str]:
        """Enter or renew the claims, waiting for those whose objects are being removed."""
        told = {
            "object_keys": list(object_keys),
            "platforms": [platform.value for platform in object_keys.values()],
            "sha256s": [read_sha256(key) for key in object_keys],
            "now": now,
        }
        with self._session() as connection:
            rows = connection.execute(read_statement("claim_pictures"), told).fetchall()
        return {key for key, is_stored in rows if is_stored}

    def note(self, captured: Sequence[CapturedPicture], *, every: Mapping[Platform, timedelta]) -> int:
        """Write rows, one transaction at a time of all members' ones."""
        told = {
            "platforms": [one.platform.value for one in captured],
            "broadcast_keys": [one.broadcast_key for one in captured],
            "channel_keys": [one.channel_key for one in captured],
            "captured_at": [one.captured_at for one in captured],
            "sha256s": [one.sha256 for one in captured],
            "object_keys": [one.object_key for one in captured],
            "bytes": [one.bytes for one in captured],
            "widths": [one.width for one in captured],
            "heights": [one.height for one in captured],
            "picture_urls": [one.picture_url for one in captured],
            "etags": [one.etag for one in captured],
            "last_modified": [one.last_modified for one in captured],
            "every": [every[one.platform] for one in captured],
        }
        with self._session() as connection, connection.transaction():
            connection.execute(read_statement("lock_pictures"))
            return connection.execute(read_statement("note_pictures"), told).rowcount

    def learn_placeholders(self, platform: Platform, sha256s: Collection[str], *, channels: int, now: datetime) -> int:
        """Count channels, and give up the rows of what is new, in one transaction."""
        asked = {"platform": platform.value, "sha256s": list(sha256s), "channels": channels, "now": now}
        with self._session() as connection, connection.transaction():
            connection.execute(read_statement("lock_pictures"))
            learned = [sha256 for (sha256,) in connection.execute(read_statement("learn_placeholders"), asked)]
            if learned:
                given_up = {"platform": platform.value, "sha256s": learned}
                connection.execute(read_statement("delete_placeholder_rows"), given_up)
            return len(learned)

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


def read_sha256(object_key: str) -> str:
    """Return the digest of an object's content, which its name ends in."""
    return PurePosixPath(object_key).stem
