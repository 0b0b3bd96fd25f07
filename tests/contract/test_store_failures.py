"""What every real store says when it cannot do what it is asked: by what to do next, and without secrets."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace

import pytest
from tests.google_keys import make_key
from tests.lakes import LAKES, Lake, find_lake
from tests.services import free_port

from airtide.domain.errors import CredentialsRejected, MisconfiguredError, PartUnreachable
from airtide.lake.stores import ObjectStore


@dataclass
class Silent:
    """A server that takes everything, sends what it was told to, and then nothing more."""

    sent: bytes = b""
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    taken: list[socket.socket] = field(default_factory=list)

    def __post_init__(self) -> None:
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                self.taken.append(self.listener.accept()[0])
                self.taken[-1].recv(65_536)
                self.taken[-1].sendall(self.sent)

    def close(self) -> None:
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        for sock in (self.listener, *self.taken):
            sock.close()


@pytest.fixture
def silent() -> Iterator[Silent]:
    with closing(Silent()) as server:
        yield server


CALLS: dict[str, Callable[[ObjectStore], object]] = {
    "put": lambda store: store.put_if_absent("a/1", b"rows", sha256="d1"),
    "put a file": lambda store: store.put_if_absent("a/1", io.BytesIO(b"rows"), sha256="d1"),
    "get": lambda store: store.get("a/1"),
    "copy": lambda store: store.copy_to("a/1", io.BytesIO()),
    "list": lambda store: list(store.list("a/")),
}
ASKED: dict[str, Callable[[ObjectStore], object]] = {
    **CALLS,
    "head": lambda store: store.head("a/1"),
    "delete": lambda store: store.delete("a/1"),
    "prepare": lambda store: store.prepare(),
}


@pytest.mark.parametrize("lake", LAKES, indirect=True)
@pytest.mark.parametrize("call", CALLS)
def test_a_bucket_that_is_not_there_is_named_with_what_to_do(lake: Lake, call: str) -> None:
    with (
        replace(lake, bucket="no-such-bucket").open() as store,
        pytest.raises(MisconfiguredError, match=r"no-such-bucket.*AIRTIDE__LAKE__BUCKET"),
    ):
        CALLS[call](store)


def test_a_folder_whose_disk_is_not_there_is_not_made(tmp_path) -> None:
    away = Lake(connection={"conn_type": "fs", "extra": {"path": str(tmp_path / "disk")}})
    with away.open() as store:
        for call in ASKED.values():
            with pytest.raises(MisconfiguredError, match=f"no folder {tmp_path}/disk"):
                call(store)
    assert not (tmp_path / "disk").exists()


@pytest.mark.parametrize("lake", ["s3", "gcs"], indirect=True)
def test_a_server_that_is_down_is_unreachable_soon(lake: Lake) -> None:
    with lake.with_extra(endpoint_url=f"http://127.0.0.1:{free_port()}").open() as store:
        began = time.monotonic()
        with pytest.raises(PartUnreachable, match=r"127\.0\.0\.1"):
            store.put_if_absent("a/1", b"rows", sha256="d1")
        with pytest.raises(PartUnreachable):
            list(store.list("a/"))
        assert time.monotonic() - began < 30


@pytest.mark.integration
@pytest.mark.parametrize(
    ("kind", "sent"),
    [("s3", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nha"), ("gcs", b"")],
    ids=["s3, half an object", "gcs, nothing"],
)
def test_on_a_page_a_server_that_hangs_is_given_up_within_seconds(kind: str, sent: bytes, silent: Silent) -> None:
    silent.sent = sent
    extra = {"endpoint_url": silent.url, "region_name": "us-east-1"}
    kinds = {"s3": {"conn_type": "aws", "login": "key", "password": "x"}, "gcs": {"conn_type": "google_cloud_platform"}}
    with Lake(connection={**kinds[kind], "extra": extra}).open(is_for_page=True) as store:
        began = time.monotonic()
        with pytest.raises(PartUnreachable, match=silent.url):
            store.copy_to("a/1", io.BytesIO())
        assert time.monotonic() - began < 8


def other_keys(kind: str, request: pytest.FixtureRequest) -> tuple[Lake, str]:
    """Return a lake with a key that its server does not accept, and the secret part of it."""
    lake = find_lake(kind, request)
    if kind == "s3":
        return replace(lake, connection={**lake.connection, "password": "canary-4f1c"}), "canary-4f1c"
    key = make_key(f"{request.getfixturevalue('token_server')}/refused")
    return lake.with_extra(keyfile_dict=key), key["private_key"][100:140]


@pytest.mark.integration
@pytest.mark.parametrize("kind", ["s3", "gcs"])
@pytest.mark.parametrize("call", ASKED)
def test_a_key_that_is_refused_names_the_connection_and_shows_nothing_of_it(kind, call, request) -> None:
    lake, secret = other_keys(kind, request)
    with lake.open() as store, pytest.raises(CredentialsRejected, match="mend connection airtide_lake") as refused:
        ASKED[call](store)
    error: BaseException | None = refused.value
    while error is not None:
        assert secret not in str(error)
        error = error.__cause__
