"""The loopback ports of local mode: as set, or picked once and remembered."""

from __future__ import annotations

import json
import socket
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from airtide.domain.errors import MisconfiguredError
from airtide.local.parts import LOOPBACK
from airtide.local.program import write_private
from airtide.settings import PortsSettings


def settle_ports(wanted: PortsSettings, file: Path) -> PortsSettings:
    """Return `wanted` with a real port in place of every 0: the one that `file` remembers, else a free one.

    Raises `MisconfiguredError` when two parts are to listen on the same port, or the file holds no ports.
    """
    ports = wanted.model_dump()
    remembered = _recall(file)
    open_names = [name for name, port in ports.items() if port == 0]
    missing = [name for name in open_names if name not in remembered]
    if missing:
        remembered |= dict(zip(missing, pick_free_ports(len(missing)), strict=True))
        write_private(file, json.dumps(remembered, indent=1))
    settled = PortsSettings(**(ports | {name: remembered[name] for name in open_names}))
    _refuse_shared(settled)
    return settled


def _recall(file: Path) -> dict[str, int]:
    if not file.exists():
        return {}
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
        return PortsSettings(**held).model_dump(include=set(held))
    except (ValueError, TypeError):
        raise MisconfiguredError(
            f"{file} does not hold the ports that were picked: stop what runs (`airtide down`), remove the file, and "
            "start again"
        ) from None


def pick_free_ports(count: int) -> Sequence[int]:
    """Return `count` different loopback ports that nothing listens on."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((LOOPBACK, 0))
        return [probe.getsockname()[1] for probe in probes]


def require_free_port(port: int, *, part: str, setting: str) -> None:
    """Raise `MisconfiguredError` when another process listens on `port` of the loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise MisconfiguredError(
                f"port {port} for {part} is taken by another process: stop it, or choose another port with "
                f"AIRTIDE__LOCAL__PORTS__{setting.upper()} (0 picks a free one)"
            ) from error


def _refuse_shared(ports: PortsSettings) -> None:
    port, uses = Counter(ports.model_dump().values()).most_common(1)[0]
    if uses > 1:
        names = " and ".join(name for name, value in ports.model_dump().items() if value == port)
        raise MisconfiguredError(f"local.ports: {names} are both {port}: every part needs a port of its own")
