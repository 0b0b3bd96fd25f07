from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from airtide.domain.errors import MisconfiguredError
from airtide.domain.models import Platform
from airtide.domain.pictures import PictureRefused
from airtide.settings import load_settings
from airtide.wiring.adapters import Adapters
from airtide.wiring.connections import Connections, parse_record, read_environment

CANARY = "canary-4f1c"


def connections(**by_id: dict) -> Connections:
    return Connections(
        read_environment({f"AIRFLOW_CONN_{key.upper()}": json.dumps(value) for key, value in by_id.items()})
    )


def test_a_missing_connection_names_its_variable():
    with pytest.raises(MisconfiguredError, match="AIRFLOW_CONN_AIRTIDE_KAFKA"):
        connections().kafka_config()


@pytest.mark.parametrize(
    "text", [f"postgres://u:{CANARY}@h", f'["{CANARY}"]', f'{{"port": "{CANARY}"}}'], ids=["uri", "list", "port"]
)
def test_a_record_that_is_not_json_is_refused_without_its_secret(text):
    with pytest.raises(MisconfiguredError) as refused:
        parse_record("airtide_postgres", text)
    assert CANARY not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_record_does_not_show_its_password():
    record = parse_record("airtide_twitch", json.dumps({"password": CANARY, "extra": {"token": CANARY}}))
    assert CANARY not in repr(record)


def test_extra_may_be_a_text_as_airflow_stores_it():
    record = parse_record("airtide_kafka", json.dumps({"extra": json.dumps({"bootstrap.servers": "b:1"})}))
    assert record.extra == {"bootstrap.servers": "b:1"}


def test_a_broker_that_commits_by_itself_is_refused():
    extra = {"bootstrap.servers": "b:1", "enable.auto.commit": "true"}
    with pytest.raises(MisconfiguredError, match="lose messages"):
        connections(airtide_kafka={"extra": extra}).kafka_config()


def test_kafka_values_become_text():
    extra = {"bootstrap.servers": "b:1", "socket.timeout.ms": 500}
    assert connections(airtide_kafka={"extra": extra}).kafka_config()["socket.timeout.ms"] == "500"


def test_a_postgres_connection_becomes_an_address():
    found = connections(
        airtide_postgres={"host": "h", "port": 5, "login": "airtide", "password": "p", "schema": "airtide"}
    ).postgres_address()
    assert (found.host, found.port, found.dbname, found.user) == ("h", 5, "airtide", "airtide")


def test_a_site_without_a_key_says_where_the_key_goes():
    with pytest.raises(MisconfiguredError, match=r"put twitch's key into \.env"):
        connections(airtide_twitch={"host": "https://t", "login": "id"}).site_access(Platform.TWITCH)


def test_only_a_simulated_site_can_be_moved_in_time():
    real = connections(airtide_soop={"host": "https://s", "password": "k"})
    with pytest.raises(MisconfiguredError, match="real site"):
        real.site_access(Platform.SOOP, simulated_now=lambda: datetime(2026, 1, 1, tzinfo=UTC))


def test_whether_a_site_has_a_key_is_never_an_error():
    some = connections(airtide_soop={"host": "https://s", "password": "k"}, airtide_twitch={"host": "https://t"})
    assert [some.has_key(platform) for platform in (Platform.SOOP, Platform.TWITCH, Platform.YOUTUBE)] == [
        True,
        False,
        False,
    ]


def test_processes_of_a_machine_share_tokens_where_the_settings_say(tmp_path):
    site = {"host": "https://t", "login": "id", "password": CANARY, "extra": {"token_url": "https://t"}}
    settings = load_settings().model_copy(update={"state_folder": tmp_path})
    adapters = Adapters(connections(airtide_twitch=site), settings)
    access = adapters.connections.site_access(Platform.TWITCH, token_folder=adapters.token_folder)
    assert access.token_folder == tmp_path / "tokens"
    assert Adapters(adapters.connections, settings.model_copy(update={"state_folder": None})).token_folder is None


def site(host: str, **extra: object) -> dict:
    return {"conn_type": "http", "host": host, "extra": extra}


def test_pictures_of_a_real_site_come_from_its_hosts_and_of_a_simulated_one_from_the_simulators():
    found = connections(
        airtide_twitch=site("https://api.twitch.tv", simulated=False),
        airtide_kick=site("http://simulators:8090/kick/", simulated=True),
        airtide_soop=site("https://openapi.sooplive.com"),
    ).picture_access(Platform)
    assert found.real == {Platform.TWITCH, Platform.SOOP}
    assert found.simulated == {Platform.KICK: ("simulators", 8090)}


@pytest.mark.parametrize(
    "host",
    [
        "",
        "simulators:8090",
        "https://simulators:8090/kick",
        "http://simulators/kick",
        "http://:8090/kick",
        "http://simulators:none/kick",
        "http://[simulators:8090",
    ],
)
def test_a_simulated_site_without_simulators_has_no_pictures(host):
    with pytest.raises(MisconfiguredError, match="airtide_kick says that it is simulated"):
        connections(airtide_kick=site(host, simulated=True)).picture_access(Platform)


def test_pictures_need_no_key_and_settings_bound_them():
    found = connections(airtide_kick=site("http://127.0.0.1:9/kick", simulated=True))
    with Adapters(found, load_settings()) as adapters:
        assert adapters.picture_source is adapters.picture_source
        with pytest.raises(PictureRefused, match="no plain https address"):
            adapters.picture_source.fetch(Platform.KICK, "http://images.kick.com/a", None, at=datetime.now(UTC))
        with pytest.raises(PictureRefused, match="no JPEG, PNG or WebP"):
            adapters.picture_codec.encode(b"")
