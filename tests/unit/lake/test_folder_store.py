"""What lies in the folder of a store, what crashes leave there, and what is said of disks and rights."""

from __future__ import annotations

import errno
import os
import resource
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from airtide.domain.errors import (
    AirtideError,
    CredentialsRejected,
    MisconfiguredError,
    ObjectMissing,
    PartUnreachable,
)
from airtide.lake import folder_store, object_folders
from airtide.lake.folder_store import FolderStore

KEY = "snapshots/v1/hour=00/한 글+1.parquet"
NOBODY = 65_534


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "airtide"


@pytest.fixture
def store(root: Path) -> FolderStore:
    store = FolderStore(root)
    store.prepare()
    return store


def list_files(root: Path) -> list[str]:
    return sorted(str(found.relative_to(root)) for found in root.rglob("*") if found.is_file())


@contextmanager
def fail_at(monkeypatch: pytest.MonkeyPatch, number: int) -> Iterator[None]:
    """Have every call of a kind that writes fail as on a broken disk."""

    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(object_folders.os, "fsync", fail)
        yield


def test_an_object_is_a_plain_file_for_its_owner_alone(store, root):
    os.umask(os.umask(0))  # whatever the caller's, nothing is open to others
    store.put_if_absent(KEY, b"rows", sha256="d1")
    assert list_files(root) == [f"{KEY}/sha256=d1"]
    assert (root / KEY / "sha256=d1").read_bytes() == b"rows"
    for found in (root, *root.rglob("*")):
        wanted = 0o600 if found.is_file() else 0o700
        assert stat.S_IMODE(found.stat().st_mode) == wanted


def test_a_repeated_write_writes_nothing(store, monkeypatch):
    store.put_if_absent(KEY, b"rows", sha256="d1")
    with fail_at(monkeypatch, errno.ENOSPC):
        store.put_if_absent(KEY, b"rows", sha256="d1")


@pytest.mark.parametrize("step", ["write_aside", "make_folders"])
def test_a_crash_before_the_rename_leaves_no_object_and_what_it_leaves_is_removed(store, root, monkeypatch, step):
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(folder_store, "remove_aside", lambda _: None)  # a killed process cleans nothing up
        patch.setattr(object_folders, "remove_aside", lambda _: None)
        if step == "write_aside":
            patch.setattr(object_folders.os, "fsync", die)
        else:
            patch.setattr(folder_store, step, die)
        with pytest.raises(KeyboardInterrupt):
            store.put_if_absent(KEY, b"rows", sha256="d1")
    [left] = (root / ".new").iterdir()
    assert store.head(KEY) is None
    assert list(store.list("")) == []
    store.put_if_absent(KEY, b"others", sha256="d2")
    store.prepare()
    assert left.exists(), "somebody may still be writing it"
    os.utime(left, (time.time() - 100_000,) * 2)
    store.prepare()
    assert list((root / ".new").iterdir()) == []
    assert store.get(KEY) == b"others"


def test_a_crash_amid_a_removal_leaves_room_for_another_write(store, root):
    store.put_if_absent(KEY, b"rows", sha256="d1")
    (root / KEY / "sha256=d1").unlink()
    assert store.head(KEY) is None
    with pytest.raises(ObjectMissing):
        store.get(KEY)
    store.put_if_absent(KEY, b"others", sha256="d2")
    assert store.get(KEY) == b"others"


def test_folders_that_hold_nothing_any_more_go_with_their_last_object(store, root):
    for key in (KEY, "snapshots/v1/hour=01/1"):
        store.put_if_absent(key, b"rows", sha256="d1")
    store.delete(KEY)
    assert not (root / "snapshots/v1/hour=00").exists()
    store.delete("snapshots/v1/hour=01/1")
    assert [found.name for found in root.iterdir()] == [".new"]


def test_names_that_others_begin_with_are_listed_in_order_too(store):
    for key in ("a", "a/b", "a/b/c", "a+b"):
        store.put_if_absent(key, b"x", sha256="d")
    assert [found.key for found in store.list("")] == ["a", "a+b", "a/b", "a/b/c"]


def test_a_name_that_is_a_folder_of_others_cannot_be_written(store):
    store.put_if_absent("a/b", b"x", sha256="d")
    with pytest.raises(MisconfiguredError, match="other things lie in the folder of that name"):
        store.put_if_absent("a", b"x", sha256="d")
    assert store.head("a") is None


def test_what_is_not_ours_is_no_object_and_is_not_written_over(store, root):
    (root / "notes").write_text("of somebody")
    (root / "link").symlink_to("/etc")
    assert list(store.list("")) == []
    assert store.head("notes") is None
    with pytest.raises(MisconfiguredError, match="cannot write notes: Not a directory"):
        store.put_if_absent("notes", b"x", sha256="d")
    assert (root / "notes").read_text() == "of somebody"


PIECES = (
    st.sampled_from(["/", ".", "..", "a", "한", " ", "+", "\0", "\\", "sha256=", ".new", "\ud800"]) | st.characters()
)


@settings(max_examples=150, deadline=None)
@given(key=st.lists(PIECES, max_size=6).map("".join))
@example(key="a/sha256=")
def test_whatever_is_written_lies_in_the_folder_and_is_listed_by_its_name(key):
    with TemporaryDirectory() as above:
        store = FolderStore(Path(above) / "airtide")
        store.prepare()
        try:
            store.put_if_absent(key, b"x", sha256="d")
        except MisconfiguredError:
            assert list(store.list("")) == []
        else:
            assert [found.key for found in store.list("")] == [key]
            assert store.get(key) == b"x"
        assert [found.name for found in Path(above).iterdir()] == ["airtide"]


@pytest.mark.parametrize("prefix", ["../", "/", "/etc/", "a/../../", "a//"])
def test_no_list_leads_out_of_the_folder(store, prefix):
    with pytest.raises(MisconfiguredError, match="is no name of an object"):
        list(store.list(prefix))


def test_a_part_of_a_name_that_no_disk_takes_is_refused(store):
    with pytest.raises(MisconfiguredError, match="File name too long"):
        store.put_if_absent("x" * 300, b"x", sha256="d")


@pytest.mark.parametrize(
    ("number", "error", "says"),
    [
        (errno.ENOSPC, PartUnreachable, "has no room left .to write .* Make room"),
        (errno.EDQUOT, PartUnreachable, "has no room left"),
        (errno.EIO, PartUnreachable, "could not write .*Input/output error"),
        (errno.EROFS, MisconfiguredError, "cannot write .*Read-only file system"),
        (errno.EPERM, CredentialsRejected, "Give it to that user, or mend connection airtide_lake"),
    ],
)
def test_what_a_disk_does_is_named_by_what_to_do_next(store, root, monkeypatch, number, error, says):
    with fail_at(monkeypatch, number), pytest.raises(error, match=says) as raised:
        store.put_if_absent(KEY, b"rows", sha256="d1")
    assert str(root) in str(raised.value)
    assert list_files(root) == []


def test_a_disk_that_is_full_leaves_nothing(store, root):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(PartUnreachable, match="has no room left"):
            store.put_if_absent(KEY, b"x" * 100_000, sha256="d1")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list_files(root) == []


@contextmanager
def without_rights(folder: Path) -> Iterator[None]:
    """Be somebody who may do nothing in the folder."""
    if os.geteuid() == 0:
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)
    else:
        folder.chmod(0)
        try:
            yield
        finally:
            folder.chmod(0o700)


def test_a_folder_of_somebody_else_is_named_with_who_is_let_out(store, root):
    store.put_if_absent(KEY, b"rows", sha256="d1")
    calls = [
        lambda: store.put_if_absent("a/1", b"rows", sha256="d1"),
        lambda: store.get(KEY),
        lambda: store.head(KEY),
        lambda: list(store.list("")),
        lambda: store.delete(KEY),
    ]
    told: list[AirtideError] = []
    with without_rights(root):
        for call in calls:
            try:
                call()
            except AirtideError as error:
                told.append(error)
    assert [type(error) for error in told] == [CredentialsRejected] * len(calls)
    assert {f"the folder {root} does not let user" in str(error) for error in told} == {True}
    assert store.get(KEY) == b"rows"
