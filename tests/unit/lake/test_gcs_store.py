"""What the store on Google Cloud Storage asks its server, and what it makes of the answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from email import message_from_bytes

import pytest
import requests
import responses
from google.api_core.retry import retry_unary
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import RefreshError, TransportError
from google.cloud.storage.exceptions import DataCorruption

from airtide.domain.errors import CredentialsRejected, MisconfiguredError, ObjectConflict, PartUnreachable
from airtide.lake.gcs_failures import USUAL, may_pass
from airtide.lake.gcs_store import GcsStore
from airtide.wiring.gcs_access import GcsAccess

URL = "http://gcs.example"
UPLOAD = re.compile(f"{URL}/upload/storage/v1/b/airtide/o")
OBJECT = re.compile(f"{URL}/storage/v1/b/airtide/o/k")
LIST = re.compile(rf"{URL}/storage/v1/b/airtide/o\?")
BUCKETS = re.compile(rf"{URL}/storage/v1/b\?")
TRIES = USUAL.tries


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[responses.RequestsMock]:
    """A server whose answers a test gives in their order; nobody waits between tries."""
    monkeypatch.setattr(retry_unary.time, "sleep", lambda _: None)
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def store() -> Iterator[GcsStore]:
    client = GcsAccess(credentials=AnonymousCredentials(), project="p", endpoint_url=URL).open_client()
    yield GcsStore(client, "airtide")
    client.close()


def refuse(server: responses.RequestsMock, method: str, url: re.Pattern[str], status: int, reason: str = "") -> None:
    said = {"error": {"code": status, "message": "canary-4f1c", "errors": [{"reason": reason}]}}
    server.add(method, url, status=status, json=said)


def tell(server: responses.RequestsMock, digest: str | None) -> None:
    metadata = {} if digest is None else {"metadata": {"sha256": digest}}
    server.add("GET", OBJECT, json={"name": "k", "size": "4", **metadata})


def put(store: GcsStore) -> None:
    store.put_if_absent("k", b"rows", sha256="digest", content_type="image/webp")


def test_a_write_asks_that_no_generation_be_there_and_keeps_digest_and_type(server, store):
    server.add("POST", UPLOAD, json={"name": "k"})
    put(store)
    [call] = server.calls
    assert call.request.params == {"uploadType": "multipart", "ifGenerationMatch": "0"}
    head = f"Content-Type: {call.request.headers['Content-Type'].decode()}\r\n\r\n".encode()
    told, body = message_from_bytes(head + call.request.body).get_payload()
    assert json.loads(told.get_payload())["metadata"] == {"sha256": "digest"}
    assert (body.get_content_type(), body.get_payload()) == ("image/webp", "rows")
    assert call.request.req_kwargs["timeout"] == (5, 30)


def test_the_same_rows_already_there_are_fine(server, store):
    refuse(server, "POST", UPLOAD, 412, "conditionNotMet")
    tell(server, "digest")
    put(store)


@pytest.mark.parametrize("digest", ["other", None])
def test_other_rows_under_the_name_are_a_conflict_that_says_what_to_do(server, store, digest):
    refuse(server, "POST", UPLOAD, 412, "conditionNotMet")
    tell(server, digest)
    with pytest.raises(ObjectConflict, match=r"k in http://gcs.example/airtide .*ingest\.lake_object"):
        put(store)


def test_what_was_deleted_between_the_refusal_and_the_look_is_written(server, store):
    refuse(server, "POST", UPLOAD, 412)
    refuse(server, "GET", OBJECT, 404)
    server.add("POST", UPLOAD, json={"name": "k"})
    put(store)


def test_conflicts_without_end_are_an_outage(server, store):
    for _ in range(3):
        refuse(server, "POST", UPLOAD, 412)
        refuse(server, "GET", OBJECT, 404)
    with pytest.raises(PartUnreachable, match="conflict"):
        put(store)


@pytest.mark.parametrize(
    ("status", "reason", "error", "says", "tries"),
    [
        (401, "authError", CredentialsRejected, r"refused the key .*: mend connection airtide_lake", 1),
        (403, "forbidden", CredentialsRejected, r"\(forbidden\): mend connection airtide_lake", 1),
        (403, "rateLimitExceeded", PartUnreachable, "403 rateLimitExceeded", TRIES),
        (404, "notFound", MisconfiguredError, "no bucket in http://gcs.example/airtide: run `airtide up`", 1),
        (408, "", PartUnreachable, "408", TRIES),
        (429, "rateLimitExceeded", PartUnreachable, "429 rateLimitExceeded", TRIES),
        (500, "internalError", PartUnreachable, "500 internalError", TRIES),
        (503, "backendError", PartUnreachable, "503 backendError", TRIES),
        (507, "", PartUnreachable, "507", TRIES),
        (400, "invalid", MisconfiguredError, "refused to write k: 400 invalid", 1),
    ],
)
def test_a_refusal_is_named_by_what_to_do_next_after_so_many_tries(server, store, status, reason, error, says, tries):
    for _ in range(tries):
        refuse(server, "POST", UPLOAD, status, reason)
    with pytest.raises(error, match=says) as raised:
        put(store)
    assert len(server.calls) == tries
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize(
    "failure", [requests.ConnectionError("refused"), requests.Timeout("silent"), ConnectionResetError("reset")]
)
def test_no_answer_is_named_after_three_tries(server, store, failure):
    server.add("POST", UPLOAD, body=failure)
    with pytest.raises(PartUnreachable, match=f"could not write k: it does not answer .{type(failure).__name__}"):
        put(store)
    assert len(server.calls) == TRIES


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (RefreshError("busy", retryable=True), True),
        (RefreshError("invalid_grant"), False),
        (TransportError(requests.ConnectionError()), True),
        (DataCorruption(None, "other bytes"), True),
        (ValueError("a mistake of ours"), False),
    ],
    ids=str,
)
def test_what_may_pass_is_tried_again(error, passes):
    assert may_pass(error) is passes


def test_a_missing_bucket_is_told_apart_from_a_missing_object(server, store):
    refuse(server, "DELETE", OBJECT, 404)
    server.add("GET", LIST, json={})
    store.delete("k")
    refuse(server, "DELETE", OBJECT, 404)
    refuse(server, "GET", LIST, 404)
    with pytest.raises(MisconfiguredError, match="no bucket"):
        store.delete("k")


def test_a_bucket_is_made_closed_to_the_public(server, store):
    refuse(server, "GET", LIST, 404)
    server.add("POST", BUCKETS, json={"name": "airtide"})
    store.prepare()
    made = json.loads(server.calls[-1].request.body)["iamConfiguration"]
    assert made["publicAccessPrevention"] == "enforced"
    assert made["uniformBucketLevelAccess"]["enabled"] is True


@pytest.mark.parametrize(("now", "error"), [(200, None), (403, CredentialsRejected)])
def test_a_bucket_that_another_made_meanwhile_is_ours_if_it_lets_us_in(server, store, now, error):
    refuse(server, "GET", LIST, 404)
    refuse(server, "POST", BUCKETS, 409, "conflict")
    if error is None:
        server.add("GET", LIST, json={}, status=now)
        store.prepare()
        return
    refuse(server, "GET", LIST, now, "forbidden")
    with pytest.raises(error):
        store.prepare()
