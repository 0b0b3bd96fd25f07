"""Both ways to the lake give up on a silent server after the same times."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from airtide.wiring.airflow_connections import AirflowConnections
from airtide.wiring.connections import Connections, read_environment

VARIABLE = "AIRFLOW_CONN_AIRTIDE_LAKE"
MAKERS: dict[str, Callable[[str], Connections]] = {
    "command line": lambda value: Connections(read_environment({VARIABLE: value})),
    "airflow": lambda _value: AirflowConnections(),
}


def read_config(maker: str, monkeypatch: pytest.MonkeyPatch, *, is_for_page: bool = False, **config_kwargs: object):
    """Return botocore's configuration of the client that a lake's connection leads to."""
    extra = {"region_name": "us-east-1", "endpoint_url": "http://127.0.0.1:1", "config_kwargs": config_kwargs}
    value = json.dumps({"conn_type": "aws", "login": "key", "password": "secret", "extra": extra})
    monkeypatch.setenv(VARIABLE, value)
    client = MAKERS[maker](value).lake_client(is_for_page=is_for_page)
    try:
        assert client.meta.endpoint_url == "http://127.0.0.1:1"
        return client.meta.config
    finally:
        client.close()


@pytest.mark.parametrize("maker", MAKERS)
def test_a_silent_server_is_given_up_after_three_tries_of_half_a_minute(
    maker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = read_config(maker, monkeypatch, s3={"addressing_style": "path"})
    assert (config.connect_timeout, config.read_timeout) == (5, 30)
    assert config.retries == {"mode": "standard", "total_max_attempts": 3}
    assert config.s3["addressing_style"] == "path"


@pytest.mark.parametrize("maker", MAKERS)
def test_a_connection_may_ask_for_other_times(maker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_config(maker, monkeypatch, read_timeout=7).read_timeout == 7


@pytest.mark.parametrize("maker", MAKERS)
def test_somebody_who_waits_for_a_page_waits_for_seconds_whatever_the_connection_asks_for(
    maker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = read_config(maker, monkeypatch, is_for_page=True, read_timeout=70, s3={"addressing_style": "path"})
    assert (config.connect_timeout, config.read_timeout) == (2, 2)
    assert config.retries["total_max_attempts"] == 2
    assert config.s3["addressing_style"] == "path"


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize(
    ("asked", "named"),
    [({}, "airtide"), ({"user_agent": "theirs"}, "theirs"), ({"user_agent_appid": "audit-7"}, "app/audit-7")],
    ids=["nothing", "a name", "an application"],
)
def test_calls_are_under_our_name_unless_the_connection_has_another(
    maker: str, monkeypatch: pytest.MonkeyPatch, asked: dict[str, str], named: str
) -> None:
    told = read_config(maker, monkeypatch, **asked).user_agent.split()
    assert named in told
    assert told[0] == named or named.startswith("app/")
