"""An object store in memory; `tests/contract` runs the same suite on it and on a real one."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import BinaryIO

from airtide.domain.errors import ObjectMissing, PartUnreachable
from airtide.lake.stores import OCTETS, StoredObject, check_key, check_seconds, compare_digests


@dataclass(slots=True)
class MemoryStore:
    """Objects as a dictionary. Set `is_down` and nothing answers any more."""

    objects: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    written_at: dict[str, datetime] = field(default_factory=dict)
    now: datetime = datetime(2026, 1, 31, 12, tzinfo=UTC)
    """When what is written next was written."""
    is_down: bool = False

    def prepare(self) -> None:
        self._answer()

    def put_if_absent(self, key: str, body: bytes | BinaryIO, *, sha256: str, content_type: str = OCTETS) -> None:
        self._answer(key)
        if not isinstance(body, bytes):
            body.seek(0)
            body = body.read()
        body, stored = self.objects.setdefault(key, (body, sha256))
        self.types.setdefault(key, content_type)
        self.written_at.setdefault(key, self.now)
        compare_digests(StoredObject(key=key, bytes=len(body), sha256=stored), sha256, "memory")

    def get(self, key: str) -> bytes:
        self._answer(key)
        if key not in self.objects:
            raise ObjectMissing(f"there is no object {key}")
        return self.objects[key][0]

    def copy_to(self, key: str, file: BinaryIO) -> None:
        file.write(self.get(key))

    def head(self, key: str) -> StoredObject | None:
        self._answer(key)
        if key not in self.objects:
            return None
        body, sha256 = self.objects[key]
        return StoredObject(key=key, bytes=len(body), sha256=sha256)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        self._answer()
        for key in sorted(self.objects):
            if key.startswith(prefix):
                yield StoredObject(key=key, bytes=len(self.objects[key][0]), written_at=self.written_at[key])

    def delete(self, key: str) -> None:
        self._answer(key)
        for held in (self.objects, self.types, self.written_at):
            held.pop(key, None)

    def signed_link(self, key: str, *, seconds: int) -> str:
        """Return the object itself as a link: it works for ever, and without a server."""
        check_seconds(seconds)
        return f"data:{self.types.get(key, OCTETS)};base64,{b64encode(self.get(key)).decode()}"

    def _answer(self, key: str | None = None) -> None:
        if key is not None:
            check_key(key)
        if self.is_down:
            raise PartUnreachable("the store in memory is down")
