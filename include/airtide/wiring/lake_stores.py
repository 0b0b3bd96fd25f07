"""The object store that the lake's connection leads to: its type says which of three kinds it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from airtide.domain.errors import MisconfiguredError
from airtide.wiring.connections import LAKE, Connections

if TYPE_CHECKING:
    from airtide.lake.stores import ObjectStore


def open_store(
    connections: Connections, bucket: str, *, is_for_page: bool = False
) -> AbstractContextManager[ObjectStore]:
    """Return the store of the lake's connection, to be closed at the end; nothing is asked of it yet.

    For a page, calls to a server that is silent end within seconds; a folder is as patient as its disk.
    Raises `MisconfiguredError` for a connection that leads to none.
    """
    kind = connections.lake_record().conn_type
    if kind not in _OPENERS:
        known = ", ".join(name for name in _OPENERS if name)
        raise MisconfiguredError(f"connection {LAKE} is of type {kind}, which is no store: known are {known}")
    return _OPENERS[kind](connections, bucket, is_for_page)


@contextmanager
def _open_s3(connections: Connections, bucket: str, is_for_page: bool) -> Iterator[ObjectStore]:
    from airtide.lake.s3_store import S3Store

    with closing(connections.lake_client(is_for_page=is_for_page)) as client:
        yield S3Store(client, bucket)


@contextmanager
def _open_gcs(connections: Connections, bucket: str, is_for_page: bool) -> Iterator[ObjectStore]:
    try:
        import google.cloud.storage  # noqa: F401 - the adapter cannot be imported without it
    except ModuleNotFoundError as error:
        raise MisconfiguredError(
            f"connection {LAKE} is on Google Cloud Storage, and its library is not installed: "
            "pip install --requirement requirements-gcs.txt"
        ) from error
    from airtide.lake.gcs_failures import ON_A_PAGE, USUAL
    from airtide.lake.gcs_store import GcsStore
    from airtide.wiring.gcs_access import read_access

    access = read_access(connections.lake_record())
    with closing(access.open_client()) as client:
        yield GcsStore(client, bucket, signer=access.signer, patience=ON_A_PAGE if is_for_page else USUAL)


@contextmanager
def _open_folder(connections: Connections, bucket: str, _is_for_page: bool) -> Iterator[ObjectStore]:
    from airtide.lake.folder_store import FolderStore

    path = Path(str(connections.lake_record().extra.get("path") or ""))
    if not path.is_absolute():
        raise MisconfiguredError(
            f'connection {LAKE} names no folder: set "path" in its extra, to an absolute one, since tasks do not all '
            "run in the same folder"
        )
    if bucket in ("", ".", "..") or "/" in bucket:
        raise MisconfiguredError(f"lake.bucket: {bucket!r} is no name of a folder in {path}")
    yield FolderStore(path / bucket)


_OPENERS: dict[str, Callable[[Connections, str, bool], AbstractContextManager[ObjectStore]]] = {
    "aws": _open_s3,
    "google_cloud_platform": _open_gcs,
    "fs": _open_folder,
    "": _open_s3,  # an AIRFLOW_CONN_… value may leave its type out
}
