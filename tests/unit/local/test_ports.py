from __future__ import annotations

import json
from pathlib import Path

import pytest

from airtide.domain.errors import MisconfiguredError
from airtide.local.ports import settle_ports
from airtide.settings import PortsSettings


def test_ports_that_are_set_are_taken_as_they_are(tmp_path: Path) -> None:
    wanted = PortsSettings(kafka=1111)
    assert settle_ports(wanted, tmp_path / "ports.json") == wanted
    assert not (tmp_path / "ports.json").exists()


def test_a_port_that_was_picked_before_is_picked_again(tmp_path: Path) -> None:
    file = tmp_path / "ports.json"
    file.write_text(json.dumps({"kafka": 41_000, "lake": 41_001}))
    settled = settle_ports(PortsSettings(kafka=0), file)
    assert settled.kafka == 41_000
    assert settled.lake == PortsSettings().lake


def test_two_parts_on_one_port_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(MisconfiguredError, match="kafka and postgres are both 1111"):
        settle_ports(PortsSettings(kafka=1111, postgres=1111), tmp_path / "ports.json")


@pytest.mark.parametrize("held", ["", "{", "[1, 2]", '{"kafka": "many"}', '{"castle": 1}', "null"])
def test_a_file_that_holds_no_ports_is_refused_with_what_to_do(tmp_path: Path, held: str) -> None:
    file = tmp_path / "ports.json"
    file.write_text(held)
    with pytest.raises(MisconfiguredError, match=r"ports\.json does not hold the ports .* remove the file") as caught:
        settle_ports(PortsSettings(kafka=0), file)
    assert caught.value.__suppress_context__
