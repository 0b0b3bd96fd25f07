from __future__ import annotations

from configparser import RawConfigParser
from dataclasses import asdict
from pathlib import Path

from tests.unit.local.conftest import MakeInstallation

from airtide.local.home import Home
from airtide.local.supervisor_configuration import render_configuration


def test_no_secret_is_in_it(make_installation: MakeInstallation) -> None:
    installation = make_installation({"YOUTUBE_API_KEY": "a-real-key"})
    text = render_configuration(installation.home, [part.program() for part in installation.parts])
    assert not any(secret in text for secret in asdict(installation.secrets).values())
    assert "a-real-key" not in text


def test_every_part_comes_back_and_stops_with_its_whole_group(make_installation: MakeInstallation) -> None:
    installation = make_installation({})
    parser = RawConfigParser()
    parser.read_string(render_configuration(installation.home, [part.program() for part in installation.parts]))
    for part in installation.parts:
        section = parser[f"program:{part.name}"]
        assert section["autostart"] == "false"
        assert section["autorestart"] == section["stopasgroup"] == section["killasgroup"] == "true"
    assert parser["program:postgres"]["stopsignal"] == "INT"
    assert parser["unix_http_server"]["chmod"] == "0700"


def test_a_percent_sign_in_a_path_is_no_placeholder(make_installation: MakeInstallation) -> None:
    home = Home(Path("/srv/100%/airtide"))
    text = render_configuration(home, [part.program() for part in make_installation({}).parts])
    assert "logfile=/srv/100%%/airtide/logs/supervisord.log" in text
