from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from airtide.domain.errors import MisconfiguredError
from airtide.domain.models import Platform
from airtide.local.secret_file import complete_secrets
from airtide.local.sites import (
    KEY_NAMES,
    SITE_KEYS,
    choose_mode,
    list_accounts,
    read_keys,
    simulated_credentials,
    simulated_keys,
)
from airtide.settings import POLLED_PLATFORMS, load_settings
from airtide.simulators.credentials import Credentials

SIMULATORS = "http://127.0.0.1:28090"
PAIRED = [platform for platform in SITE_KEYS if SITE_KEYS[platform].login]


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


@pytest.mark.parametrize("half", [0, 1], ids=["id", "secret"])
@pytest.mark.parametrize("platform", PAIRED)
def test_half_of_a_sites_keys_is_refused_with_both_names(tmp_path: Path, platform: Platform, half: int) -> None:
    first, second = SITE_KEYS[platform].names
    with pytest.raises(MisconfiguredError, match=f"{platform} needs both {first} and {second}"):
        read_keys(write_env(tmp_path, f"{(first, second)[half]}=half\n"), {})


def test_every_polled_site_has_names_for_its_keys() -> None:
    assert set(SITE_KEYS) >= set(POLLED_PLATFORMS)
    assert len(set(KEY_NAMES)) == len(KEY_NAMES)


def test_simulated_keys_are_in_the_form_of_the_simulators_file() -> None:
    accepted = msgspec.convert(simulated_credentials(SECRETS), Credentials)
    assert accepted.twitch.client_secret == simulated_keys(SECRETS)["TWITCH_CLIENT_SECRET"]
    assert accepted.youtube.api_key == SECRETS.simulated_youtube_api_key


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


@pytest.mark.parametrize("name", ["TWITCH_CLIENT_IDS", "twitch_client_id", "TWITCH_API_KEY"])
def test_a_mistyped_key_is_refused_rather_than_simulated(tmp_path, name):
    with pytest.raises(MisconfiguredError, match=f"{name} is no key of twitch: write TWITCH_CLIENT_ID and") as caught:
        read_keys(write_env(tmp_path, f"{name}=canary\n"), {})
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("line", ["SOOP_CLIENT_ID soop-canary", "SOOP_CLIENT_ID='canary", "= canary"])
def test_a_line_that_cannot_be_read_is_refused_rather_than_passed_over(tmp_path, line):
    with pytest.raises(MisconfiguredError, match=r"\.env: line 2 is not NAME=value") as caught:
        read_keys(write_env(tmp_path, f"# keys\n{line}\n"), {})
    assert "canary" not in str(caught.value)


def test_what_dotenv_allows_beside_keys_is_allowed(tmp_path):
    file = write_env(tmp_path, "# keys\n\nexport SOOP_CLIENT_ID = 'so op' # mine\nOTHER\nEMPTY=\n")
    assert read_keys(file, {}) == {"SOOP_CLIENT_ID": "so op"}


def test_a_file_that_is_no_text_is_refused(tmp_path):
    file = write_env(tmp_path, "")
    file.write_bytes(b"SOOP_CLIENT_ID=\xff\n")
    with pytest.raises(MisconfiguredError, match="cannot be read as UTF-8 text"):
        read_keys(file, {})
