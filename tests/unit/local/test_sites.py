from __future__ import annotations

from pathlib import Path

import pytest

from airtide.domain.errors import MisconfiguredError
from airtide.domain.models import Platform
from airtide.local.secret_file import complete_secrets
from airtide.local.sites import choose_mode, list_accounts, read_keys
from airtide.settings import load_settings

SIMULATORS = "http://127.0.0.1:28090"


def write_env(folder: Path, text: str, mode: int = 0o600) -> Path:
    file = folder / ".env"
    file.write_text(text)
    file.chmod(mode)
    return file


def test_without_keys_everything_is_simulated(tmp_path: Path) -> None:
    assert choose_mode(read_keys(tmp_path / ".env", {})) == "simulated"
    assert choose_mode(read_keys(write_env(tmp_path, "YOUTUBE_API_KEY=\n"), {})) == "simulated"


def test_one_key_is_enough_to_simulate_nothing(tmp_path: Path) -> None:
    keys = read_keys(write_env(tmp_path, "SOOP_CLIENT_ID=soop\n"), {})
    accounts = {account.platform: account for account in list_accounts(keys, SECRETS, load_settings(), SIMULATORS)}
    assert choose_mode(keys) == "real"
    assert not any(account.simulated for account in accounts.values())
    assert accounts[Platform.SOOP].password == "soop"
    assert accounts[Platform.TWITCH].password == accounts[Platform.YOUTUBE].password == ""


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = write_env(tmp_path, "YOUTUBE_API_KEY=old\n")
    assert read_keys(file, {"YOUTUBE_API_KEY": "new"}) == {"YOUTUBE_API_KEY": "new"}


def test_half_of_twitchs_keys_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MisconfiguredError, match="needs both"):
        read_keys(write_env(tmp_path, "TWITCH_CLIENT_ID=id\n"), {})


def test_a_file_with_keys_that_others_may_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MisconfiguredError, match="chmod 600"):
        read_keys(write_env(tmp_path, "YOUTUBE_API_KEY=key\n", mode=0o644), {})


def test_a_file_without_keys_may_be_read_by_others(tmp_path: Path) -> None:
    assert read_keys(write_env(tmp_path, "YOUTUBE_API_KEY=\n", mode=0o644), {}) == {}


def test_simulated_accounts_point_at_the_simulators_and_hold_their_keys() -> None:
    accounts = {account.platform: account for account in list_accounts({}, SECRETS, load_settings(), SIMULATORS)}
    twitch = accounts[Platform.TWITCH]
    assert (twitch.base_url, twitch.token_url) == (f"{SIMULATORS}/twitch", f"{SIMULATORS}/twitch")
    assert (twitch.login, twitch.password) == (
        SECRETS.simulated_twitch_client_id,
        SECRETS.simulated_twitch_client_secret,
    )
    assert all(account.simulated and account.password for account in accounts.values())


SECRETS = complete_secrets({})
