"""Objects in a bucket of Google Cloud Storage, by its JSON interface."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from typing import Any, BinaryIO

from google.api_core.exceptions import Conflict, NotFound, PreconditionFailed
from google.auth.credentials import Signing
from google.auth.exceptions import GoogleAuthError
from google.cloud.storage import Blob, Client

from airtide.domain.errors import (
    AirtideError,
    CredentialsRejected,
    MisconfiguredError,
    ObjectMissing,
    PartUnreachable,
)
from airtide.lake.gcs_failures import FAILURES, USUAL, Patience, limit_call, may_pass, read_reason, read_status
from airtide.lake.stores import CONNECTION_ID, OCTETS, StoredObject, check_key, check_seconds, compare_digests

_DIGEST = "sha256"
_CONFLICT_TRIES = 3
_CHUNK_BYTES = 8 << 20
"""What is held in memory of a file that is written."""


class GcsStore:
    """One bucket of Google Cloud Storage, or of a server that speaks like it."""

    def __init__(
        self, client: Client, bucket: str, *, signer: Signing | None = None, patience: Patience = USUAL
    ) -> None:
        """`signer` is a key that can sign links; without one there are none."""
        self._client = client
        self._bucket = client.bucket(bucket)
        self._signer = signer
        self._patience = patience

    def prepare(self) -> None:
        """Make the bucket, closed to the public; whether it is there is asked as landings ask."""
        if self._has_bucket():
            return
        with self._failures("make the bucket") as limits:
            self._bucket.iam_configuration.uniform_bucket_level_access_enabled = True
            self._bucket.iam_configuration.public_access_prevention = "enforced"
            try:
                self._client.create_bucket(self._bucket, **limits)
            except Conflict:
                if not self._has_bucket():
                    raise

    def put_if_absent(self, key: str, body: bytes | BinaryIO, *, sha256: str, content_type: str = OCTETS) -> None:
        """Write if no generation is there; where an object is there already, its digest decides."""
        for _ in range(_CONFLICT_TRIES):
            blob = self._blob(key)
            blob.metadata = {_DIGEST: sha256}
            with self._failures(f"write {key}") as limits:
                try:
                    _upload(blob, body, content_type, limits)
                except PreconditionFailed:
                    pass
                else:
                    return
            stored = self.head(key)
            # none is there when it was deleted in between
            if stored is not None:
                compare_digests(stored, sha256, self._where())
                return
        raise PartUnreachable(f"the store {self._where()} answers every write of {key} with a conflict")

    def get(self, key: str) -> bytes:
        """Return an object's bytes."""
        file = BytesIO()
        self.copy_to(key, file)
        return file.getvalue()

    def copy_to(self, key: str, file: BinaryIO) -> None:
        """Write an object's bytes into `file`."""
        blob = self._blob(key)
        with self._failures(f"read {key}") as limits:
            try:
                blob.download_to_file(file, **limits)
            except NotFound as error:
                self._refuse_without_bucket(error)
                raise ObjectMissing(f"there is no object {key} in {self._where()}") from error

    def head(self, key: str) -> StoredObject | None:
        """Return size and digest of an object."""
        blob = self._blob(key)
        with self._failures(f"look at {key}") as limits:
            try:
                blob.reload(**limits)
            except NotFound:
                return None
        return StoredObject(key=key, bytes=blob.size, sha256=(blob.metadata or {}).get(_DIGEST))

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Yield keys and sizes."""
        with self._failures(f"list {prefix}") as limits:
            asked = "items(name,size,timeCreated),nextPageToken"
            for blob in self._client.list_blobs(self._bucket, prefix=prefix, fields=asked, **limits):
                yield StoredObject(key=blob.name, bytes=blob.size, written_at=blob.time_created)

    def delete(self, key: str) -> None:
        """Remove an object."""
        blob = self._blob(key)
        with self._failures(f"delete {key}") as limits:
            try:
                blob.delete(**limits)
            except NotFound as error:
                self._refuse_without_bucket(error)

    def signed_link(self, key: str, *, seconds: int) -> str:
        """Return a V4 signed link; no request is made for it where the key itself signs."""
        check_seconds(seconds)
        blob = self._blob(key)
        if self._signer is None:
            raise MisconfiguredError(
                f"the key of connection {CONNECTION_ID} cannot sign links to {self._where()}: give it a service "
                "account's key file, or set pictures.served: api"
            )
        with self._failures(f"sign a link to {key}"):
            expiration = timedelta(seconds=seconds)
            return str(blob.generate_signed_url(version="v4", expiration=expiration, credentials=self._signer))

    def _blob(self, key: str) -> Blob:
        check_key(key)
        return self._bucket.blob(key)

    def _has_bucket(self) -> bool:
        with self._failures("look for the bucket") as limits:
            try:
                next(iter(self._client.list_blobs(self._bucket, max_results=1, **limits)), None)
            except NotFound:
                return False
        return True

    def _refuse_without_bucket(self, error: NotFound) -> None:
        """Tell the two apart that the store answers alike: no object, and no bucket either."""
        if not self._has_bucket():
            raise error

    @contextmanager
    def _failures(self, doing: str) -> Iterator[dict[str, Any]]:
        """Name what fails by what to do next; yields the bounds of one call."""
        try:
            yield limit_call(self._patience)
        except FAILURES as error:
            raise self._name_failure(error, doing) from error

    def _name_failure(self, error: Exception, doing: str) -> AirtideError:
        status, reason = read_status(error), read_reason(error)
        if may_pass(error):
            told = f"{status} {reason}".rstrip() if status else f"it does not answer ({type(error).__name__})"
            return PartUnreachable(f"the store {self._where()} could not {doing}: {told}")
        if isinstance(error, GoogleAuthError) or status in (401, 403):
            return CredentialsRejected(
                f"the store {self._where()} refused the key ({reason or type(error).__name__}): "
                f"mend connection {CONNECTION_ID}"
            )
        if status == 404:
            return MisconfiguredError(
                f"there is no bucket in {self._where()}: run `airtide up`, or set AIRTIDE__LAKE__BUCKET"
            )
        return MisconfiguredError(f"the store {self._where()} refused to {doing}: {status} {reason}".rstrip())

    def _where(self) -> str:
        return f"{self._client.api_endpoint}/{self._bucket.name}"


def _upload(blob: Blob, body: bytes | BinaryIO, content_type: str, limits: dict[str, Any]) -> None:
    told = {"content_type": content_type, "if_generation_match": 0, **limits}
    if isinstance(body, bytes):
        blob.upload_from_string(body, **told)
    else:
        blob.chunk_size = _CHUNK_BYTES
        blob.upload_from_file(body, rewind=True, **told)
