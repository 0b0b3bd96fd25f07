"""What every `ObjectStore` promises."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest
from tests.fakes.lake import MemoryStore
from tests.lakes import find_lake

from airtide.domain.errors import MisconfiguredError, ObjectConflict, ObjectMissing, PartUnreachable, PermanentError
from airtide.lake.folder_store import FolderStore
from airtide.lake.stores import LONGEST_LINK_S, ObjectStore


@pytest.fixture(
    params=[
        "memory",
        "folder",
        pytest.param("s3", marks=pytest.mark.integration),
        pytest.param("gcs", marks=pytest.mark.integration),
    ]
)
def store(request: pytest.FixtureRequest) -> Iterator[ObjectStore]:
    """Every store, with a bucket of this test's own that is made twice."""
    if request.param == "memory":
        yield MemoryStore()
        return
    with find_lake(request.param, request).open() as store:
        for _ in range(2):
            store.prepare()
        yield store


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


@pytest.mark.parametrize("writers", [2, 8])
def test_of_many_writers_at_once_one_wins_and_nobody_reads_another_or_half(store, writers):
    bodies = {f"d{n}": str(n).encode() * 200_000 for n in range(writers)}
    start = threading.Barrier(writers + 1)

    def write(digest: str) -> bool:
        start.wait()
        try:
            store.put_if_absent("a/raced", bodies[digest], sha256=digest)
        except ObjectConflict:
            return False
        return True

    def read() -> tuple[str | None, bytes]:
        start.wait()
        while True:
            try:
                body = store.get("a/raced")
            except ObjectMissing:
                continue
            stored = store.head("a/raced")
            return stored.sha256, body

    with ThreadPoolExecutor(max_workers=writers + 1) as pool:
        seen = pool.submit(read)
        won = [digest for digest, is_first in zip(bodies, pool.map(write, bodies), strict=True) if is_first]
        assert len(won) == 1
        assert seen.result() == (won[0], bodies[won[0]])
    assert store.get("a/raced") == bodies[won[0]]


def test_of_many_writers_of_the_same_all_are_told_that_it_is_there(store):
    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(lambda _: store.put_if_absent("a/same", b"rows", sha256="d"), range(12)))
    assert [found.key for found in store.list("")] == ["a/same"]


def test_writing_and_deleting_at_once_leaves_a_whole_object_or_none(store):
    def work(number: int) -> None:
        if number % 2:
            store.delete("a/b/torn")
        else:
            with suppress(PartUnreachable):  # told to try again, when it met one removal after the other
                store.put_if_absent("a/b/torn", b"rows", sha256="d")

    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(work, range(24)))
    stored = store.head("a/b/torn")
    assert stored is None or (stored.bytes, stored.sha256, store.get("a/b/torn")) == (4, "d", b"rows")


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


def test_names_that_begin_alike_are_different_objects(store):
    keys = ["a+b", "a/b+c", "a/b/c", "ab", "a b/d"]
    for key in keys:
        store.put_if_absent(key, key.encode(), sha256="d")
    assert [found.key for found in store.list("")] == sorted(keys)
    assert [found.key for found in store.list("a/b")] == ["a/b+c", "a/b/c"]
    assert [found.key for found in store.list("a/b/")] == ["a/b/c"]
    assert list(store.list("a/b/c/d")) == []
    store.delete("a/b/c")
    assert [store.get(key) for key in keys if key != "a/b/c"] == [key.encode() for key in keys if key != "a/b/c"]


HOSTILE = [
    "",
    "/etc/passwd",
    "../outside",
    "a/../../outside",
    "a/..",
    "a/./b",
    "a//b",
    "a/",
    ".new/x",
    "a/.hidden",
    "a\0b",
    "a\nb",
    "\ud800",
    "x" * 1025,
    "한" * 342,
]


@pytest.mark.parametrize("key", HOSTILE, ids=lambda key: ascii(key[:20]))
def test_what_is_no_name_is_refused_by_every_call(store, key):
    calls = [
        lambda: store.put_if_absent(key, b"x", sha256="d"),
        lambda: store.get(key),
        lambda: store.copy_to(key, io.BytesIO()),
        lambda: store.head(key),
        lambda: store.delete(key),
        lambda: store.signed_link(key, seconds=60),
    ]
    for call in calls:
        with pytest.raises(MisconfiguredError, match="is no name of an object"):
            call()
    assert list(store.list("")) == []


def test_a_link_is_read_by_anybody_with_the_type_that_was_written(store):
    store.put_if_absent("thumbnails/한 글+1.webp", b"picture", sha256="d", content_type="image/webp")
    store.put_if_absent("a/1", b"rows", sha256="d")
    if isinstance(store, FolderStore):
        with pytest.raises(MisconfiguredError, match=r"set pictures\.served: api"):
            store.signed_link("a/1", seconds=60)
        return
    links = [store.signed_link(key, seconds=60) for key in ("thumbnails/한 글+1.webp", "a/1")]
    read = []
    for link in links:
        with urlopen(link, timeout=10) as answer:
            read.append((answer.read(), answer.headers["Content-Type"]))
    assert read == [(b"picture", "image/webp"), (b"rows", "application/octet-stream")]
    told = parse_qs(urlsplit(links[0]).query)
    assert {told[name][0] for name in told if name.endswith("-Expires")} <= {"60"}


@pytest.mark.parametrize("seconds", [-1, 0, LONGEST_LINK_S + 1])
def test_a_link_never_works_for_long(store, seconds):
    with pytest.raises(ValueError, match="1 to 600 seconds"):
        store.signed_link("a/1", seconds=seconds)


@pytest.mark.parametrize("lake", ["s3"], indirect=True)
def test_a_link_ends(lake):
    # fake-gcs-server looks at no signature; that links of both name their seconds is tested above
    with lake.open() as store:
        store.put_if_absent("a/1", b"rows", sha256="d")
        link = store.signed_link("a/1", seconds=1)
        time.sleep(2.1)
        with pytest.raises(HTTPError, match="403"):
            urlopen(link, timeout=10)
        altered = store.signed_link("a/1", seconds=60).replace("X-Amz-Expires=60", "X-Amz-Expires=600")
        with pytest.raises(HTTPError, match="403"):
            urlopen(altered, timeout=10)
