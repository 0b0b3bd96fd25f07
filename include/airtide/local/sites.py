"""Whether the sites are real or simulated: real as soon as one key is given."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from airtide.domain.errors import MisconfiguredError
from airtide.domain.models import Platform
from airtide.local.secret_file import Secrets, refuse_readable_by_others
from airtide.settings import POLLED_PLATFORMS, Settings

KEY_NAMES = ("YOUTUBE_API_KEY", "TWITCH_CLIENT_ID", "TWITCH_CLIENT_SECRET", "SOOP_CLIENT_ID")
"""Names in `.env` or the environment; all but the Twitch client id are secret."""

Mode = Literal["simulated", "real"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteAccount:
    """Where a site is asked and with which key; an empty `password` means that there is none."""

    platform: Platform
    base_url: str
    token_url: str | None
    login: str
    password: str
    simulated: bool


def read_keys(env_file: Path, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the sites' keys that are given; the environment wins over `env_file`.

    Raises `MisconfiguredError` when Twitch's are not both there, or others may read a file that holds some.
    """
    from dotenv import dotenv_values

    try:
        stored = dotenv_values(env_file, interpolate=False) if env_file.exists() else {}
    except (OSError, UnicodeDecodeError) as error:
        raise MisconfiguredError(f"{env_file} cannot be read as UTF-8 text: {type(error).__name__}; mend it") from None
    if any(stored.get(name) for name in KEY_NAMES):
        refuse_readable_by_others(env_file)
    found = {name: (environment.get(name) or stored.get(name) or "").strip() for name in KEY_NAMES}
    if bool(found["TWITCH_CLIENT_ID"]) != bool(found["TWITCH_CLIENT_SECRET"]):
        raise MisconfiguredError("Twitch needs both TWITCH_CLIENT_ID and TWITCH_CLIENT_SECRET: one is missing in .env")
    return {name: value for name, value in found.items() if value}


def choose_mode(keys: Mapping[str, str]) -> Mode:
    """Return what the sites are: with any real key nothing is simulated."""
    return "real" if keys else "simulated"


def simulated_credentials(secrets: Secrets) -> dict[str, dict[str, str]]:
    """Return the keys that the simulated sites accept, in the form of their file."""
    return {
        "youtube": {"api_key": secrets.simulated_youtube_api_key},
        "twitch": {
            "client_id": secrets.simulated_twitch_client_id,
            "client_secret": secrets.simulated_twitch_client_secret,
        },
        "soop": {"client_id": secrets.simulated_soop_client_id},
    }


def simulated_keys(secrets: Secrets) -> dict[str, str]:
    """Return the simulated sites' keys under the names of the real ones."""
    return {
        "YOUTUBE_API_KEY": secrets.simulated_youtube_api_key,
        "TWITCH_CLIENT_ID": secrets.simulated_twitch_client_id,
        "TWITCH_CLIENT_SECRET": secrets.simulated_twitch_client_secret,
        "SOOP_CLIENT_ID": secrets.simulated_soop_client_id,
    }


def list_accounts(
    keys: Mapping[str, str], secrets: Secrets, settings: Settings, simulators_url: str
) -> list[SiteAccount]:
    """Return one account a site: the simulated ones, or the real ones, where a site without a key has none."""
    simulated = choose_mode(keys) == "simulated"
    given = simulated_keys(secrets) if simulated else keys
    passwords = {
        Platform.YOUTUBE: given.get("YOUTUBE_API_KEY", ""),
        Platform.TWITCH: given.get("TWITCH_CLIENT_SECRET", ""),
        Platform.SOOP: given.get("SOOP_CLIENT_ID", ""),
    }
    accounts = []
    for platform in POLLED_PLATFORMS:
        site = settings.platform(platform)
        base_url = f"{simulators_url}/{platform}" if simulated else site.base_url
        token_url = base_url if simulated and site.token_url else site.token_url
        accounts.append(
            SiteAccount(
                platform=platform,
                base_url=base_url,
                token_url=token_url,
                login=given.get("TWITCH_CLIENT_ID", "") if platform is Platform.TWITCH else "",
                password=passwords[platform],
                simulated=simulated,
            )
        )
    return accounts
