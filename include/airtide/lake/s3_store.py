"""Objects in a bucket of an S3 server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from shutil import copyfileobj
from typing import TYPE_CHECKING, Any, BinaryIO

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    PartialCredentialsError,
)

from airtide.domain.errors import (
    CredentialsRejected,
    MisconfiguredError,
    ObjectMissing,
    PartUnreachable,
)
from airtide.lake.stores import CONNECTION_ID, OCTETS, StoredObject, check_key, check_seconds, compare_digests

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CreateBucketRequestTypeDef

_DIGEST = "sha256"
_CONFLICT_TRIES = 3
_SENT_AT_ONCE = 64 * 1024
"""Bytes of a body that is sent without asking first whether it may be."""

_REFUSED = frozenset(
    {"403", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken"}
)


class S3Store:
    """One bucket of an S3 server."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket
        client.meta.events.register_last("before-call.s3", _send_small_at_once, unique_id="airtide-small-at-once")

    def prepare(self) -> None:
        """Make the bucket; whether it is there is asked in a way that needs no right to others."""
        with self._failures("look for the bucket"):
            try:
                self._client.head_bucket(Bucket=self._bucket)
            except ClientError as error:
                if _status(error) != 404:
                    raise
            else:
                return
        with self._failures("make the bucket"):
            try:
                self._client.create_bucket(**self._describe_bucket())
            except ClientError as error:
                if _code(error) != "BucketAlreadyOwnedByYou":
                    raise

    def _describe_bucket(self) -> CreateBucketRequestTypeDef:
        region = self._client.meta.region_name
        if self._client.meta.endpoint_url.endswith(".amazonaws.com") and region != "us-east-1":
            # Amazon alone wants to be told what it was asked through, and not of its first region
            return {"Bucket": self._bucket, "CreateBucketConfiguration": {"LocationConstraint": region}}  # type: ignore[typeddict-item]  # a region of tomorrow is no mistake
        return {"Bucket": self._bucket}

    def put_if_absent(self, key: str, body: bytes | BinaryIO, *, sha256: str, content_type: str = OCTETS) -> None:
        """Write with If-None-Match; where an object is there already, its digest decides."""
        check_key(key)
        for tries_left in reversed(range(_CONFLICT_TRIES)):
            with self._failures(f"write {key}"):
                if not isinstance(body, bytes):
                    body.seek(0)
                try:
                    self._client.put_object(
                        Bucket=self._bucket,
                        Key=key,
                        Body=body,
                        IfNoneMatch="*",
                        Metadata={_DIGEST: sha256},
                        ContentType=content_type,
                    )
                except ClientError as error:
                    if _status(error) not in (409, 412):
                        raise
                else:
                    return
            stored = self.head(key)
            # none is there when a racing write was told to try again (409) and the other one failed; while it is being
            # deleted, a server may show an object that has lost its digest
            if stored is not None and (stored.sha256 is not None or not tries_left):
                compare_digests(stored, sha256, self._where())
                return
        raise PartUnreachable(f"the store {self._where()} answers every write of {key} with a conflict")

    def get(self, key: str) -> bytes:
        """Return an object's bytes."""
        with self._reading(key):
            return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()

    def copy_to(self, key: str, file: BinaryIO) -> None:
        """Write an object's bytes into `file`."""
        with self._reading(key):
            copyfileobj(self._client.get_object(Bucket=self._bucket, Key=key)["Body"], file)

    def head(self, key: str) -> StoredObject | None:
        """Return size and digest of an object."""
        check_key(key)
        with self._failures(f"look at {key}"):
            try:
                found = self._client.head_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                if _status(error) == 404:
                    return None
                raise
        return StoredObject(key=key, bytes=found["ContentLength"], sha256=found["Metadata"].get(_DIGEST))

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Yield keys and sizes."""
        with self._failures(f"list {prefix}"):
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix):
                for found in page.get("Contents", []):
                    yield StoredObject(key=found["Key"], bytes=found["Size"], written_at=found["LastModified"])

    def delete(self, key: str) -> None:
        """Remove an object."""
        check_key(key)
        with self._failures(f"delete {key}"):
            self._client.delete_object(Bucket=self._bucket, Key=key)

    def signed_link(self, key: str, *, seconds: int) -> str:
        """Return a presigned link; no request is made for it."""
        check_key(key)
        check_seconds(seconds)
        with self._failures(f"sign a link to {key}"):
            return self._client.generate_presigned_url(
                "get_object", Params={"Bucket": self._bucket, "Key": key}, ExpiresIn=seconds
            )

    @contextmanager
    def _reading(self, key: str) -> Iterator[None]:
        check_key(key)
        with self._failures(f"read {key}"):
            try:
                yield
            except ClientError as error:
                if _code(error) == "NoSuchKey":
                    raise ObjectMissing(f"there is no object {key} in {self._where()}") from error
                raise

    @contextmanager
    def _failures(self, doing: str) -> Iterator[None]:
        try:
            yield
        except (NoCredentialsError, PartialCredentialsError) as error:
            raise CredentialsRejected(f"connection {CONNECTION_ID} holds no key for {self._where()}") from error
        except BotoCoreError as error:
            raise PartUnreachable(f"the store {self._where()} does not answer (to {doing}): {error}") from error
        except ClientError as error:
            raise self._name_refusal(error, doing) from error

    def _name_refusal(self, error: ClientError, doing: str) -> Exception:
        code, status = _code(error), _status(error)
        if code in _REFUSED or status in (401, 403):
            return CredentialsRejected(
                f"the store {self._where()} refused the key ({code}): mend connection {CONNECTION_ID}"
            )
        if code == "NoSuchBucket":
            return MisconfiguredError(
                f"there is no bucket in {self._where()}: run `airtide up`, or set AIRTIDE__LAKE__BUCKET"
            )
        if status in (429, 408) or status >= 500 or code in ("SlowDown", "RequestTimeout"):
            return PartUnreachable(f"the store {self._where()} could not {doing}: {status} {code}")
        return MisconfiguredError(f"the store {self._where()} refused to {doing}: {status} {code}")

    def _where(self) -> str:
        return f"{self._client.meta.endpoint_url}/{self._bucket}"


def _send_small_at_once(params: dict[str, Any], **_told: Any) -> None:
    """Leave out `Expect: 100-continue`, whose answer costs a turn and is read byte by byte, where it spares nothing."""
    body = params["body"]
    if isinstance(body, BytesIO) and body.getbuffer().nbytes <= _SENT_AT_ONCE:
        params["headers"].pop("Expect", None)


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
