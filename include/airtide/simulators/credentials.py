"""The credentials that the simulated sites accept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import msgspec

_Secret: TypeAlias = Annotated[str, msgspec.Meta(min_length=1)]


class CredentialsError(ValueError):
    """The file of credentials cannot be used; the message is one sentence that says why."""


class YouTubeCredentials(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """An API key."""

    api_key: _Secret


class TwitchCredentials(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A registered application."""

    client_id: _Secret
    client_secret: _Secret


class SoopCredentials(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A registered client, which has no secret."""

    client_id: _Secret


class ChzzkCredentials(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A registered application."""

    client_id: _Secret
    client_secret: _Secret


class KickCredentials(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A registered application."""

    client_id: _Secret
    client_secret: _Secret


class Credentials(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """One entry a site."""

    youtube: YouTubeCredentials
    twitch: TwitchCredentials
    soop: SoopCredentials
    chzzk: ChzzkCredentials
    kick: KickCredentials


def read_credentials(path: Path) -> Credentials:
    """Read the file of credentials, which nobody but its owner may read.

    Raises:
        CredentialsError: it is missing, readable by others, not JSON, or lacks a field.
    """
    try:
        mode = path.stat().st_mode
        text = path.read_bytes()
    except OSError as error:
        message = f"the credentials file {path} cannot be read: {error.strerror}"
        raise CredentialsError(message) from error
    if mode & 0o077:
        message = f"the credentials file {path} can be read by others; run: chmod 600 {path}"
        raise CredentialsError(message)
    try:
        return msgspec.json.decode(text, type=Credentials)
    except msgspec.DecodeError as error:
        message = f"the credentials file {path} is not as expected: {error}"
        raise CredentialsError(message) from error
