from __future__ import annotations

import json
from dataclasses import asdict

import pytest
from tests.unit.local.conftest import MakeInstallation

from airtide.domain.models import Platform
from airtide.local.parts import LOOPBACK
from airtide.wiring.connections import Connections, read_environment


def test_the_wiring_reads_the_connections_that_local_mode_writes(make_installation: MakeInstallation) -> None:
    installation = make_installation({})
    connections = Connections(read_environment(installation.environment))
    assert connections.kafka_config() == {"bootstrap.servers": "127.0.0.1:29092", "enable.auto.commit": "false"}
    address = connections.postgres_address()
    assert (address.host, address.port, address.dbname, address.user) == (LOOPBACK, 25432, "airtide", "airtide")
    access = connections.site_access(Platform.TWITCH)
    assert access.base_url == access.token_url == "http://127.0.0.1:28090/twitch"


def test_without_a_key_a_site_is_known_and_has_none(make_installation: MakeInstallation) -> None:
    installation = make_installation({"YOUTUBE_API_KEY": "key"})
    connections = Connections(read_environment(installation.environment))
    assert connections.has_key(Platform.YOUTUBE)
    assert not connections.has_key(Platform.SOOP)
    assert "simulators" not in {part.name for part in installation.parts}


def test_everything_listens_on_and_calls_the_loopback_address(make_installation: MakeInstallation) -> None:
    own = make_installation({}).own_environment
    assert own["AIRFLOW__API__HOST"] == LOOPBACK
    assert own["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:28080/execution/"
    hosts = [json.loads(value).get("host", LOOPBACK) for name, value in own.items() if "_CONN_AIRTIDE" in name]
    assert all(LOOPBACK in host for host in hosts)


def test_another_airflows_settings_and_the_sites_keys_are_left_out(
    make_installation: MakeInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "CeleryExecutor")
    monkeypatch.setenv("AIRFLOW_CONN_SOMEBODY", "elses")
    monkeypatch.setenv("TWITCH_CLIENT_SECRET", "given")
    monkeypatch.setenv("AIRTIDE__LANDING__MAX_SNAPSHOTS", "10")
    environment = make_installation({}).environment
    assert environment["AIRFLOW__CORE__EXECUTOR"] == "LocalExecutor"
    assert "AIRFLOW_CONN_SOMEBODY" not in environment
    assert "TWITCH_CLIENT_SECRET" not in environment
    assert environment["AIRTIDE__LANDING__MAX_SNAPSHOTS"] == "10"


def test_a_proxy_is_not_asked_for_the_loopback_address(
    make_installation: MakeInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("NO_PROXY", "example.org")
    assert make_installation({}).environment["NO_PROXY"] == "example.org,127.0.0.1,localhost"


def test_services_get_no_secret_in_environment_or_command(make_installation: MakeInstallation) -> None:
    installation = make_installation({})
    secrets = asdict(installation.secrets).values()
    for part in installation.services:
        program = part.program()
        told = " ".join([*program.command, *program.environment.values()])
        assert not any(secret in told for secret in secrets), part.name
    for airflow in installation.airflow:
        assert not any(secret in " ".join(airflow.program().command) for secret in secrets)
