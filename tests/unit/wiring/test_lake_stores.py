"""Which store a connection leads to, and what is said of one that leads to none."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from tests.google_keys import make_key

from airtide.domain.errors import AirtideError, CredentialsRejected, MisconfiguredError
from airtide.lake.folder_store import FolderStore
from airtide.lake.gcs_store import GcsStore
from airtide.lake.s3_store import S3Store
from airtide.wiring.airflow_connections import AirflowConnections
from airtide.wiring.connections import Connections, parse_record, read_environment
from airtide.wiring.gcs_access import read_access
from airtide.wiring.lake_stores import open_store

VARIABLE = "AIRFLOW_CONN_AIRTIDE_LAKE"
CANARY = "canary-4f1c"
S3 = {"region_name": "us-east-1", "endpoint_url": "http://127.0.0.1:1"}
OWN_SERVER = {"endpoint_url": "http://127.0.0.1:1"}


def lead(conn_type: str | None, **extra: Any) -> Connections:
    values = {"extra": extra, "login": "key", "password": CANARY, **({"conn_type": conn_type} if conn_type else {})}
    return Connections(read_environment({VARIABLE: json.dumps(values)}))


def refuse(conn_type: str, bucket: str = "airtide", **extra: Any) -> AirtideError:
    """Return the error that opening the store raises; no secret is in it or in what it came from."""
    with pytest.raises(AirtideError) as refused, open_store(lead(conn_type, **extra), bucket):
        pytest.fail("it was opened")
    error: BaseException | None = refused.value
    while error is not None:
        assert CANARY not in repr(error)
        error = error.__cause__
    return refused.value


@pytest.mark.parametrize(
    ("conn_type", "extra", "store"),
    [
        ("aws", S3, S3Store),
        (None, S3, S3Store),
        ("google_cloud_platform", OWN_SERVER, GcsStore),
        ("fs", {"path": "/lake"}, FolderStore),
    ],
)
@pytest.mark.parametrize("from_airflow", [False, True])
def test_the_type_of_the_connection_says_which_store(conn_type, extra, store, from_airflow, monkeypatch):
    connections = lead(conn_type, **extra)
    if from_airflow:
        values = {"conn_type": conn_type or "", "login": "key", "password": "secret", "extra": extra}
        monkeypatch.setenv(VARIABLE, json.dumps(values))
        connections = AirflowConnections()
        assert connections.lake_record().conn_type == (conn_type or "")
    with open_store(connections, "airtide") as opened:
        assert isinstance(opened, store)


def test_a_type_that_is_no_store_is_refused_with_those_that_are():
    said = str(refuse("kafka"))
    assert said.endswith("is of type kafka, which is no store: known are aws, google_cloud_platform, fs")


@pytest.mark.parametrize("extra", [{}, {"path": ""}, {"path": "lake"}, {"path": None}])
def test_a_folder_is_named_absolutely(extra):
    assert 'set "path" in its extra' in str(refuse("fs", **extra))


@pytest.mark.parametrize("bucket", ["", ".", "..", "a/b", "../outside"])
def test_a_bucket_never_leads_out_of_the_folder(bucket):
    assert "is no name of a folder in /lake" in str(refuse("fs", bucket, path="/lake"))


def test_a_library_that_is_not_installed_is_told_with_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.cloud.storage", None)
    said = refuse("google_cloud_platform", **OWN_SERVER)
    assert isinstance(said, MisconfiguredError)
    assert "pip install --requirement requirements-gcs.txt" in str(said)


@pytest.mark.parametrize(
    "key",
    [
        CANARY,
        json.dumps([CANARY]),
        json.dumps({"private_key": CANARY}),
        {"private_key": CANARY},
        {**make_key("http://127.0.0.1:1/token"), "private_key": CANARY},
        [CANARY],
    ],
    ids=["text", "list", "half", "half a dictionary", "no key", "a list"],
)
def test_a_key_that_is_none_is_refused_without_being_shown(key):
    assert "keyfile_dict is not the JSON key of a service account" in str(
        refuse("google_cloud_platform", keyfile_dict=key)
    )


def test_a_key_file_is_read_and_says_whose_project_it_is(tmp_path):
    file = tmp_path / "key.json"
    file.write_text(json.dumps(make_key("http://127.0.0.1:1/token")))
    access = read_access(lead("google_cloud_platform", key_path=str(file)).lake_record())
    assert (access.project, access.endpoint_url) == ("project-of-tests", None)
    assert access.signer is not None
    assert "PRIVATE" not in repr(access)
    named = lead("google_cloud_platform", key_path=str(file), project="another").lake_record()
    assert read_access(named).project == "another"


@pytest.mark.parametrize("body", [None, b"\xff", CANARY.encode()])
def test_a_key_file_that_cannot_be_read_is_named(tmp_path, body):
    file = tmp_path / "key.json"
    if body is not None:
        file.write_bytes(body)
    assert "key_path" in str(refuse("google_cloud_platform", key_path=str(file)))


def test_a_server_of_ones_own_needs_no_key_and_signs_no_links():
    with (
        open_store(lead("google_cloud_platform", **OWN_SERVER), "airtide") as store,
        pytest.raises(MisconfiguredError, match=r"cannot sign links .*pictures\.served: api"),
    ):
        store.signed_link("a/1", seconds=60)


def test_without_a_key_it_is_the_machines_and_without_that_none(monkeypatch, tmp_path):
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    assert isinstance(refuse("google_cloud_platform"), CredentialsRejected)
    file = tmp_path / "application_default_credentials.json"
    file.write_text(json.dumps(make_key("http://127.0.0.1:1/token")))
    assert read_access(lead("google_cloud_platform").lake_record()).project == "project-of-tests"


def test_a_record_shows_its_type_and_no_secret():
    record = parse_record("airtide_lake", json.dumps({"conn_type": "fs", "extra": {"keyfile_dict": CANARY}}))
    assert record.conn_type == "fs"
    assert CANARY not in repr(record)
