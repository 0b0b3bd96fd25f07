"""What every `ObjectStore` promises."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.fakes.lake import MemoryStore

from airtide.domain.errors import ObjectConflict, PermanentError
from airtide.lake.stores import ObjectStore, S3Store


@pytest.fixture(params=["memory", pytest.param("s3", marks=pytest.mark.integration)])
def store(request: pytest.FixtureRequest) -> Iterator[ObjectStore]:
    if request.param == "memory":
        yield MemoryStore()
    else:
        yield S3Store(request.getfixturevalue("s3"), request.getfixturevalue("bucket"))


def test_what_is_not_there_is_told_apart_from_a_failure(store):
    assert store.head("a/none") is None
    assert list(store.list("a/")) == []
    store.delete("a/none")
    with pytest.raises(PermanentError, match="a/none"):
        store.get("a/none")
    with pytest.raises(PermanentError, match="a/none"):
        store.copy_to("a/none", io.BytesIO())


def test_a_file_is_written_whole_wherever_it_stands(store):
    file = io.BytesIO(b"rows of a file")
    file.seek(0, io.SEEK_END)
    store.put_if_absent("a/1", file, sha256="d1")
    store.put_if_absent("a/1", file, sha256="d1")
    copied = io.BytesIO()
    store.copy_to("a/1", copied)
    assert copied.getvalue() == b"rows of a file"
    [found] = store.list("a/")
    assert found.written_at is not None
    assert found.written_at.tzinfo is not None


def test_what_is_written_is_read(store):
    store.put_if_absent("a/day=2026-01-31/한 글+1.parquet", b"rows", sha256="d1")
    assert store.get("a/day=2026-01-31/한 글+1.parquet") == b"rows"
    stored = store.head("a/day=2026-01-31/한 글+1.parquet")
    assert stored is not None
    assert (stored.bytes, stored.sha256) == (4, "d1")


def test_the_same_write_again_changes_nothing(store):
    for body in (b"rows", b"rows written otherwise"):
        store.put_if_absent("a/1", body, sha256="d1")
    assert store.get("a/1") == b"rows"


def test_another_write_under_the_name_is_refused(store):
    store.put_if_absent("a/1", b"rows", sha256="d1")
    with pytest.raises(ObjectConflict, match="a/1"):
        store.put_if_absent("a/1", b"others", sha256="d2")
    assert store.get("a/1") == b"rows"


def test_of_many_writers_at_once_one_wins(store):
    def write(number: int) -> bool:
        try:
            store.put_if_absent("a/raced", str(number).encode(), sha256=f"d{number}")
        except ObjectConflict:
            return False
        return True

    with ThreadPoolExecutor(max_workers=4) as pool:
        won = [number for number, is_first in enumerate(pool.map(write, range(4))) if is_first]
    assert [store.get("a/raced")] == [str(number).encode() for number in won]


def test_a_list_holds_what_starts_alike_in_order(store):
    for key in ("b/2", "a/2", "a/1"):
        store.put_if_absent(key, b"x", sha256="d")
    assert [(found.key, found.bytes) for found in store.list("a/")] == [("a/1", 1), ("a/2", 1)]


def test_what_is_deleted_is_gone_and_can_be_written_anew(store):
    store.put_if_absent("a/1", b"rows", sha256="d1")
    store.delete("a/1")
    assert store.head("a/1") is None
    store.put_if_absent("a/1", b"others", sha256="d2")
    assert store.get("a/1") == b"others"
