"""An object store in memory; `tests/contract` runs the same suite on it and on a real one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import BinaryIO

from airtide.domain.errors import ObjectConflict, ObjectMissing, PartUnreachable
from airtide.lake.stores import StoredObject


@dataclass(slots=True)
class MemoryStore:
    """Objects as a dictionary. Set `is_down` and nothing answers any more."""

    objects: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    written_at: dict[str, datetime] = field(default_factory=dict)
    now: datetime = datetime(2026, 1, 31, 12, tzinfo=UTC)
    """When what is written next was written."""
    is_down: bool = False

    def put_if_absent(self, key: str, body: bytes | BinaryIO, *, sha256: str) -> None:
        self._answer()
        if not isinstance(body, bytes):
            body.seek(0)
            body = body.read()
        _, stored = self.objects.setdefault(key, (body, sha256))
        self.written_at.setdefault(key, self.now)
        if stored != sha256:
            raise ObjectConflict(f"{key} holds other rows ({stored}) than those to be written ({sha256})")

    def get(self, key: str) -> bytes:
        self._answer()
        if key not in self.objects:
            raise ObjectMissing(f"there is no object {key}")
        return self.objects[key][0]

    def copy_to(self, key: str, file: BinaryIO) -> None:
        file.write(self.get(key))

    def head(self, key: str) -> StoredObject | None:
        self._answer()
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
        self._answer()
        self.objects.pop(key, None)
        self.written_at.pop(key, None)

    def _answer(self) -> None:
        if self.is_down:
            raise PartUnreachable("the store in memory is down")
