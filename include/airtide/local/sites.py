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

Mode = Literal["simulated", "real"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteKeys:
    """Names of one site's keys in `.env` or the environment; a site with a login needs both."""

    login: str | None = None
    key: str
    """Becomes the password of the site's connection."""

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return (self.key,) if self.login is None else (self.login, self.key)


SITE_KEYS: Mapping[Platform, SiteKeys] = {
    Platform.YOUTUBE: SiteKeys(key="YOUTUBE_API_KEY"),
    Platform.TWITCH: SiteKeys(login="TWITCH_CLIENT_ID", key="TWITCH_CLIENT_SECRET"),
    Platform.SOOP: SiteKeys(key="SOOP_CLIENT_ID"),
    Platform.CHZZK: SiteKeys(login="CHZZK_CLIENT_ID", key="CHZZK_CLIENT_SECRET"),
    Platform.KICK: SiteKeys(login="KICK_CLIENT_ID", key="KICK_CLIENT_SECRET"),
}

KEY_NAMES = tuple(name for keys in SITE_KEYS.values() for name in keys.names)


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

    Raises `MisconfiguredError` when a line of the file cannot be read, a site has one of two keys, a name in the file
    begins like a site's keys and is none of them, or others may read a file that holds some.
    """
    stored = read_env_file(env_file)
    _refuse_unknown_names(stored, env_file)
    if any(stored.get(name) for name in KEY_NAMES):
        refuse_readable_by_others(env_file)
    found = {name: (environment.get(name) or stored.get(name) or "").strip() for name in KEY_NAMES}
    for platform, keys in SITE_KEYS.items():
        if len({bool(found[name]) for name in keys.names}) > 1:
            raise MisconfiguredError(f"{platform} needs both {' and '.join(keys.names)}: one is missing in .env")
    return {name: value for name, value in found.items() if value}


def read_env_file(env_file: Path) -> dict[str, str | None]:
    """Return names and values of a file, none when it is missing; raises `MisconfiguredError` when a line says neither.

    A line that is passed over could be the one that holds a key.
    """
    from dotenv.parser import parse_stream

    if not env_file.exists():
        return {}
    try:
        with env_file.open(encoding="utf-8") as lines:
            bindings = list(parse_stream(lines))
    except (OSError, UnicodeDecodeError) as error:
        raise MisconfiguredError(f"{env_file} cannot be read as UTF-8 text: {type(error).__name__}; mend it") from None
    broken = [str(binding.original.line) for binding in bindings if binding.error]
    if broken:
        raise MisconfiguredError(f"{env_file}: line {', '.join(broken)} is not NAME=value; mend it")
    return {binding.key: binding.value for binding in bindings if binding.key is not None}


def _refuse_unknown_names(stored: Mapping[str, str | None], env_file: Path) -> None:
    """Refuse a mistyped name, which would leave its site without a key, or all of them simulated."""
    for name in stored:
        for platform, keys in SITE_KEYS.items():
            if name.upper().startswith(f"{platform.name}_") and name not in keys.names:
                raise MisconfiguredError(
                    f"{env_file}: {name} is no key of {platform}: write {' and '.join(keys.names)}"
                )


def choose_mode(keys: Mapping[str, str]) -> Mode:
    """Return what the sites are: with any real key nothing is simulated."""
    return "real" if keys else "simulated"


def simulated_credentials(secrets: Secrets) -> dict[str, dict[str, str]]:
    """Return the keys that the simulated sites accept, in the form of their file."""
    made = simulated_keys(secrets)
    return {
        platform.value: {name.removeprefix(f"{platform.name}_").lower(): made[name] for name in keys.names}
        for platform, keys in SITE_KEYS.items()
    }


def simulated_keys(secrets: Secrets) -> dict[str, str]:
    """Return the simulated sites' keys under the names of the real ones."""
    return {name: getattr(secrets, f"simulated_{name.lower()}") for name in KEY_NAMES}


def list_accounts(
    keys: Mapping[str, str], secrets: Secrets, settings: Settings, simulators_url: str
) -> list[SiteAccount]:
    """Return one account a site: the simulated ones, or the real ones, where a site without a key has none."""
    simulated = choose_mode(keys) == "simulated"
    given = simulated_keys(secrets) if simulated else keys
    accounts = []
    for platform in POLLED_PLATFORMS:
        site, names = settings.platform(platform), SITE_KEYS[platform]
        base_url = f"{simulators_url}/{platform}" if simulated else site.base_url
        token_url = base_url if simulated and site.token_url else site.token_url
        accounts.append(
            SiteAccount(
                platform=platform,
                base_url=base_url,
                token_url=token_url,
                login=given.get(names.login or "", ""),
                password=given.get(names.key, ""),
                simulated=simulated,
            )
        )
    return accounts
