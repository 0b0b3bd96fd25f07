"""The three kinds of store under test, each by the connection that leads to it, with a bucket of the test's own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from tests.google_keys import make_key
from tests.services import LAKE_KEY

from airtide.lake.stores import ObjectStore
from airtide.wiring.connections import Connections, read_environment
from airtide.wiring.lake_stores import open_store

VARIABLE = "AIRFLOW_CONN_AIRTIDE_LAKE"
LAKES = ("s3", "folder", "gcs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lake:
    """A bucket, and the connection through which tasks reach it."""

    connection: Mapping[str, Any]
    bucket: str = field(default_factory=lambda: f"test-{uuid4().hex[:12]}")

    @property
    def environment(self) -> dict[str, str]:
        """Return the variable that tells a process of it."""
        return {VARIABLE: json.dumps(self.connection)}

    @property
    def port(self) -> int | None:
        """Return the port of its server; None where it is a folder."""
        return urlsplit(self.connection["extra"].get("endpoint_url", "")).port

    def with_extra(self, **changed: Any) -> Lake:
        """Return it by a connection with other words in its extra."""
        return replace(self, connection={**self.connection, "extra": {**self.connection["extra"], **changed}})

    @contextmanager
    def open(self, *, is_for_page: bool = False) -> Iterator[ObjectStore]:
        """Open the store as tasks do, or as pages do."""
        connections = Connections(read_environment(self.environment))
        with open_store(connections, self.bucket, is_for_page=is_for_page) as store:
            yield store

    def prepare(self) -> Lake:
        """Make the bucket."""
        with self.open() as store:
            store.prepare()
        return self


def s3_lake(endpoint_url: str) -> Lake:
    """Return a lake on an S3 server of the tests; its bucket is not made yet."""
    extra = {"endpoint_url": endpoint_url, "region_name": "us-east-1"}
    access_key, secret_key = LAKE_KEY
    return Lake(connection={"conn_type": "aws", "login": access_key, "password": secret_key, "extra": extra})


def find_lake(kind: str, request: pytest.FixtureRequest) -> Lake:
    """Return a lake of a kind, whose server is started where it needs one; its bucket is not made yet."""
    if kind == "folder":
        return Lake(connection={"conn_type": "fs", "extra": {"path": str(request.getfixturevalue("tmp_path"))}})
    if kind == "gcs":
        key = make_key(f"{request.getfixturevalue('token_server')}/token")
        extra = {"endpoint_url": request.getfixturevalue("gcs_server").endpoint_url, "keyfile_dict": key}
        return Lake(connection={"conn_type": "google_cloud_platform", "extra": extra})
    return s3_lake(request.getfixturevalue("lake_server").endpoint_url)
