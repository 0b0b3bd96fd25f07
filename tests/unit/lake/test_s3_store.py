"""What the S3 store makes of a server's answers."""

from __future__ import annotations

from io import BytesIO

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, NoCredentialsError
from botocore.stub import Stubber
from urllib3 import HTTPResponse

from airtide.domain.errors import CredentialsRejected, MisconfiguredError, ObjectConflict, PartUnreachable
from airtide.lake.s3_store import S3Store


@pytest.fixture
def stub():
    client = boto3.client(
        "s3",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        region_name="us-east-1",
        endpoint_url="http://lake.example",
        config=Config(retries={"total_max_attempts": 1}),
    )
    with Stubber(client) as stubber:
        yield stubber
    client.close()


def put(stub: Stubber) -> None:
    S3Store(stub.client, "airtide").put_if_absent("k", b"rows", sha256="digest")


def refuse_put(stub: Stubber, status: int, code: str) -> None:
    stub.add_client_error("put_object", service_error_code=code, http_status_code=status)


def found(digest: str) -> dict[str, object]:
    return {"ContentLength": 4, "Metadata": {"sha256": digest}}


def test_a_write_asks_that_nothing_be_there_and_keeps_the_digest(stub):
    expected = {
        "Bucket": "airtide",
        "Key": "k",
        "Body": b"rows",
        "IfNoneMatch": "*",
        "Metadata": {"sha256": "digest"},
        "ContentType": "application/octet-stream",
    }
    stub.add_response("put_object", {}, expected)
    put(stub)
    stub.assert_no_pending_responses()


def test_the_same_rows_already_there_are_fine(stub):
    refuse_put(stub, 412, "PreconditionFailed")
    stub.add_response("head_object", found("digest"))
    put(stub)
    stub.assert_no_pending_responses()


def test_other_rows_under_the_name_are_a_conflict_that_says_what_to_do(stub):
    refuse_put(stub, 412, "PreconditionFailed")
    stub.add_response("head_object", found("other"))
    with pytest.raises(ObjectConflict, match=r"k in http://lake.example/airtide .*ingest\.lake_object"):
        put(stub)


def test_a_write_that_raced_with_a_failed_one_is_tried_again(stub):
    refuse_put(stub, 409, "ConditionalRequestConflict")
    stub.add_client_error("head_object", http_status_code=404)
    stub.add_response("put_object", {})
    put(stub)
    stub.assert_no_pending_responses()


def test_conflicts_without_end_are_an_outage(stub):
    for _ in range(3):
        refuse_put(stub, 409, "ConditionalRequestConflict")
        stub.add_client_error("head_object", http_status_code=404)
    with pytest.raises(PartUnreachable, match="conflict"):
        put(stub)


@pytest.mark.parametrize(
    ("status", "code", "error", "says"),
    [
        (403, "SignatureDoesNotMatch", CredentialsRejected, "airtide_lake"),
        (403, "InvalidAccessKeyId", CredentialsRejected, "airtide_lake"),
        (404, "NoSuchBucket", MisconfiguredError, "airtide up"),
        (429, "TooManyRequests", PartUnreachable, "429"),
        (503, "SlowDown", PartUnreachable, "503"),
        (500, "InternalError", PartUnreachable, "500"),
        (400, "InvalidArgument", MisconfiguredError, "InvalidArgument"),
    ],
)
def test_a_refusal_is_named_by_what_to_do_next(stub, status, code, error, says):
    refuse_put(stub, status, code)
    with pytest.raises(error, match=says) as raised:
        put(stub)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (EndpointConnectionError(endpoint_url="http://lake.example"), PartUnreachable),
        (ConnectTimeoutError(endpoint_url="http://lake.example"), PartUnreachable),
        (NoCredentialsError(), CredentialsRejected),
    ],
    ids=lambda value: type(value).__name__,
)
def test_no_answer_is_named_too(stub, monkeypatch, failure, error):
    def fail(**_):
        raise failure

    monkeypatch.setattr(stub.client, "put_object", fail)
    with pytest.raises(error):
        put(stub)


def test_an_object_that_stays_without_a_digest_is_not_taken_for_ours(stub):
    for _ in range(3):
        refuse_put(stub, 412, "PreconditionFailed")
        stub.add_response("head_object", {"ContentLength": 4, "Metadata": {}})
    with pytest.raises(ObjectConflict):
        put(stub)
    stub.assert_no_pending_responses()


def test_an_object_that_is_just_being_deleted_is_written_anew(stub):
    refuse_put(stub, 412, "PreconditionFailed")
    stub.add_response("head_object", {"ContentLength": 4, "Metadata": {}})
    stub.add_response("put_object", {})
    put(stub)
    stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("region", "endpoint_url", "told"),
    [
        ("ap-northeast-2", None, {"CreateBucketConfiguration": {"LocationConstraint": "ap-northeast-2"}}),
        ("us-east-1", None, {}),
        ("ap-northeast-2", "http://lake.example", {}),
    ],
)
def test_a_missing_bucket_is_made_in_the_region_of_the_connection(region, endpoint_url, told):
    client = boto3.client(
        "s3", aws_access_key_id="key", aws_secret_access_key="secret", region_name=region, endpoint_url=endpoint_url
    )
    with Stubber(client) as stub:
        stub.add_client_error("head_bucket", http_status_code=404)
        stub.add_response("create_bucket", {}, {"Bucket": "airtide", **told})
        S3Store(client, "airtide").prepare()
        stub.assert_no_pending_responses()
    client.close()


def test_a_bucket_that_is_there_is_left_alone(stub):
    stub.add_response("head_bucket", {})
    S3Store(stub.client, "airtide").prepare()


@pytest.mark.parametrize(
    ("code", "error"), [("BucketAlreadyOwnedByYou", None), ("BucketAlreadyExists", MisconfiguredError)]
)
def test_a_bucket_that_another_made_meanwhile_is_ours_if_it_is_said_so(stub, code, error):
    stub.add_client_error("head_bucket", http_status_code=404)
    stub.add_client_error("create_bucket", service_error_code=code, http_status_code=409)
    if error is None:
        S3Store(stub.client, "airtide").prepare()
    else:
        with pytest.raises(error, match="refused to make the bucket: 409 BucketAlreadyExists"):
            S3Store(stub.client, "airtide").prepare()


def test_a_link_is_signed_by_version_four_for_the_seconds_asked():
    client = boto3.client(
        "s3",
        aws_access_key_id="key",
        aws_secret_access_key="canary-4f1c",
        region_name="us-east-1",
        endpoint_url="http://lake.example",
        config=Config(signature_version="s3v4"),
    )
    link = S3Store(client, "airtide").signed_link("a/1", seconds=300)
    client.close()
    assert link.startswith("http://lake.example/airtide/a/1?")
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in link
    assert "X-Amz-Expires=300" in link
    assert "canary" not in link


@pytest.mark.parametrize("endpoint_url", [None, "http://lake.example"])
@pytest.mark.parametrize(("size", "is_told"), [(1, False), (64 * 1024, False), (64 * 1024 + 1, True)])
def test_only_a_large_body_waits_to_be_welcome(endpoint_url, size, is_told):
    client = boto3.client(
        "s3",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        region_name="us-east-1",
        endpoint_url=endpoint_url,
    )
    sent = []

    def answer(request, **_):
        sent.append(("Expect" in request.headers, b"x" * size in request.body.read()))
        return AWSResponse(request.url, 200, {}, HTTPResponse(BytesIO(), preload_content=False))

    client.meta.events.register("before-send.s3.PutObject", answer)
    S3Store(client, "airtide").put_if_absent("k", b"x" * size, sha256="digest")
    client.close()
    assert sent == [(is_told, True)]
