"""Ports of the machine: taken ones are told, free ones are picked."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from airtide.domain.errors import MisconfiguredError
from airtide.local.parts import LOOPBACK
from airtide.local.ports import require_free_port, settle_ports
from airtide.settings import PortsSettings

pytestmark = pytest.mark.integration


def test_a_taken_port_is_told_with_the_setting_that_moves_it() -> None:
    with socket.socket() as other:
        other.bind((LOOPBACK, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(MisconfiguredError, match=f"port {port} for kafka is taken.*AIRTIDE__LOCAL__PORTS__KAFKA"):
            require_free_port(port, part="kafka", setting="kafka")
    require_free_port(port, part="kafka", setting="kafka")


def test_free_ports_are_picked_once_and_remembered(tmp_path: Path) -> None:
    wanted = PortsSettings(kafka=0, kafka_controller=0, postgres=0)
    first = settle_ports(wanted, tmp_path / "ports.json")
    assert len({first.kafka, first.kafka_controller, first.postgres, 0}) == 4
    assert settle_ports(wanted, tmp_path / "ports.json") == first
