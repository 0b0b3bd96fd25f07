"""How Google Cloud Storage is reached, out of a connection in the form of Airflow's Google provider."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from airtide.domain.errors import CredentialsRejected, MisconfiguredError
from airtide.wiring.connections import ConnectionRecord

if TYPE_CHECKING:
    from google.auth.credentials import Credentials, Signing
    from google.cloud.storage import Client

SCOPE = "https://www.googleapis.com/auth/devstorage.full_control"
"""What buckets are made, read and written with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GcsAccess:
    """A key, where it works, and for whom it pays."""

    credentials: Credentials = field(repr=False)
    project: str | None
    endpoint_url: str | None
    """Where a server of one's own listens; None for Google's."""

    @property
    def signer(self) -> Signing | None:
        """Return the key when it can sign links itself."""
        from google.auth.credentials import Signing

        return self.credentials if isinstance(self.credentials, Signing) else None

    def open_client(self) -> Client:
        """Return a client; nothing is asked of the store yet."""
        from google.cloud.storage import Client

        # otherwise it asks for the bucket's metadata beside the first call, without bounds, for traces nobody takes
        os.environ.setdefault("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "true")
        options = {"api_endpoint": self.endpoint_url} if self.endpoint_url else None
        return Client(project=self.project, credentials=self.credentials, client_options=options)


def read_access(record: ConnectionRecord) -> GcsAccess:
    """Return the access that a connection's extra describes: `keyfile_dict`, `key_path`, `project`, `endpoint_url`.

    Without a key it is what Google's own libraries find on the machine; with a server of one's own, none.

    Raises `MisconfiguredError` or `CredentialsRejected`, which show nothing of a key.
    """
    endpoint_url = str(record.extra.get("endpoint_url") or "").rstrip("/") or None
    credentials, project = _find_key(record, is_own_server=endpoint_url is not None)
    return GcsAccess(credentials=credentials, project=record.extra.get("project") or project, endpoint_url=endpoint_url)


def _find_key(record: ConnectionRecord, *, is_own_server: bool) -> tuple[Credentials, str | None]:
    from google.auth.credentials import AnonymousCredentials

    if record.extra.get("keyfile_dict"):
        return _read_key(record, "keyfile_dict", record.extra["keyfile_dict"])
    if record.extra.get("key_path"):
        return _read_key(record, "key_path", _read_file(record, str(record.extra["key_path"])))
    if is_own_server:
        return AnonymousCredentials(), None
    return _find_on_machine(record)


def _read_file(record: ConnectionRecord, path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, ValueError):
        raise MisconfiguredError(f"connection {record.conn_id}: key_path {path} cannot be read") from None


def _read_key(record: ConnectionRecord, name: str, told: Any) -> tuple[Credentials, str | None]:
    from google.oauth2.service_account import Credentials

    try:
        values = json.loads(told) if isinstance(told, str) else told
        return Credentials.from_service_account_info(values, scopes=[SCOPE]), values.get("project_id")
    except (ValueError, AttributeError, TypeError):
        # what was read holds the key: it must not reach the message or its cause
        raise MisconfiguredError(
            f"connection {record.conn_id}: {name} is not the JSON key of a service account"
        ) from None


def _find_on_machine(record: ConnectionRecord) -> tuple[Credentials, str | None]:
    import google.auth
    from google.auth.exceptions import DefaultCredentialsError

    try:
        return google.auth.default(scopes=[SCOPE])
    except DefaultCredentialsError:
        raise CredentialsRejected(
            f"connection {record.conn_id} holds no key, and this machine has none for Google Cloud: set keyfile_dict "
            "or key_path in its extra"
        ) from None
