"""An object store in memory; `tests/contract` runs the same suite on it and on a real one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from airtide.domain.errors import ObjectConflict, ObjectMissing, PartUnreachable
from airtide.lake.stores import StoredObject


@dataclass(slots=True)
class MemoryStore:
    """Objects as a dictionary. Set `is_down` and nothing answers any more."""

    objects: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    is_down: bool = False

    def put_if_absent(self, key: str, body: bytes, *, sha256: str) -> None:
        self._answer()
        _, stored = self.objects.setdefault(key, (body, sha256))
        if stored != sha256:
            raise ObjectConflict(f"{key} holds other rows ({stored}) than those to be written ({sha256})")

    def get(self, key: str) -> bytes:
        self._answer()
        if key not in self.objects:
            raise ObjectMissing(f"there is no object {key}")
        return self.objects[key][0]

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
                yield StoredObject(key=key, bytes=len(self.objects[key][0]))

    def delete(self, key: str) -> None:
        self._answer()
        self.objects.pop(key, None)

    def _answer(self) -> None:
        if self.is_down:
            raise PartUnreachable("the store in memory is down")
