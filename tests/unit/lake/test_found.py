"""Which objects of pictures a store lists, whoever wrote them."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.fakes.lake import MemoryStore

from airtide.domain.models import Platform
from airtide.domain.retention import FoundPicture
from airtide.lake.found import StoredPictures
from airtide.lake.keys import picture_key


def test_the_pictures_of_one_platform_are_listed_by_key_with_when_they_were_written():
    store = MemoryStore()
    written = {f"{digit * 64}": datetime(2026, 1, day, tzinfo=UTC) for digit, day in (("f", 1), ("0", 2), ("a", 3))}
    for sha256, store.now in written.items():
        store.put_if_absent(picture_key(Platform.KICK, sha256), b"webp", sha256=sha256)
    store.put_if_absent(picture_key(Platform.TWITCH, "0" * 64), b"webp", sha256="0")
    store.put_if_absent("thumbnails/kicked/a", b"", sha256="1")
    assert list(StoredPictures(store).list_pictures(Platform.KICK)) == [
        FoundPicture(object_key=picture_key(Platform.KICK, sha256), written_at=written[sha256])
        for sha256 in sorted(written)
    ]


def test_a_picture_is_removed_and_one_that_is_gone_changes_nothing():
    store = MemoryStore()
    key = picture_key(Platform.KICK, "0" * 64)
    store.put_if_absent(key, b"webp", sha256="0")
    for _ in range(2):
        StoredPictures(store).remove(key)
    assert store.objects == {}
