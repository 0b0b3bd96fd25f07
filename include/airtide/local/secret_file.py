"""The secrets of an installation: random, made once, in a file that only its owner may read."""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from airtide.domain.errors import MisconfiguredError
from airtide.local.program import write_private


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Secrets:
    """Everything that is secret between the parts of one installation; never shown."""

    postgres_superuser: str
    postgres_airtide: str
    postgres_airflow: str
    lake_access_key: str
    lake_secret_key: str
    airflow_fernet_key: str
    airflow_jwt_secret: str
    airflow_api_secret_key: str
    airflow_admin_password: str
    airflow_viewer_password: str
    kafka_ui_password: str
    simulated_youtube_api_key: str
    simulated_twitch_client_id: str
    simulated_twitch_client_secret: str
    simulated_soop_client_id: str
    simulated_chzzk_client_id: str
    simulated_chzzk_client_secret: str
    simulated_kick_client_id: str
    simulated_kick_client_secret: str


def make_token() -> str:
    """Return 24 random bytes as text that needs no quoting anywhere."""
    return secrets.token_hex(24)


def make_fernet_key() -> str:
    """Return a key in the form that Airflow encrypts its connections with."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def make_jwt_secret() -> str:
    """Return the 64 bytes that Airflow's tokens are signed with, as text."""
    return secrets.token_hex(64)


MAKERS: dict[str, Callable[[], str]] = {
    "airflow_fernet_key": make_fernet_key,
    "airflow_jwt_secret": make_jwt_secret,
}
"""How a secret is made that is not a plain token."""


def complete_secrets(known: dict[str, str]) -> Secrets:
    """Return the secrets that `known` holds, and new ones for those that it lacks."""
    names = [field.name for field in fields(Secrets)]
    return Secrets(**{name: known.get(name) or MAKERS.get(name, make_token)() for name in names})


def read_or_make_secrets(file: Path) -> Secrets:
    """Return the secrets in `file`, which is made or completed when something is missing.

    Raises `MisconfiguredError` when others may read it or it is not what was written.
    """
    known: dict[str, str] = {}
    if file.exists():
        refuse_readable_by_others(file)
        try:
            known = dict(json.loads(file.read_text(encoding="utf-8")))
        except (ValueError, TypeError):
            raise MisconfiguredError(f"{file} is damaged: put it back, or start anew with airtide reset") from None
    made = complete_secrets(known)
    if asdict(made) != known:
        write_private(file, json.dumps(asdict(made), indent=1))
    return made


def refuse_readable_by_others(file: Path) -> None:
    """Raise `MisconfiguredError` when anybody but its owner may read `file`."""
    if file.stat().st_mode & 0o077:
        raise MisconfiguredError(f"{file} holds secrets and can be read by others: chmod 600 {file}")
