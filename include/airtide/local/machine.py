"""What this machine must have before anything is started, each with one sentence when it has not."""

from __future__ import annotations

import shutil
from pathlib import Path

from airtide.domain.errors import MisconfiguredError
from airtide.local.accounts import is_root
from airtide.local.installation import Installation
from airtide.local.java import fetch_jars, find_java
from airtide.local.parts import Part
from airtide.local.ports import require_free_port
from airtide.local.postgres_cluster import OUTSIDE

GIB = 1024**3
NEEDED_BYTES = 3 * GIB
"""Two simulated days, Kafka's segments, PostgreSQL's log and the logs of a week, with room to spare."""

PORT_SETTINGS = {"api-server": ("airflow",), "kafka": ("kafka", "kafka_controller")}
"""Names of a part's ports in the settings, where they are not the part's own name."""


def require_machine(installation: Installation) -> None:
    """Raise `MisconfiguredError` when Java, the jars, room on the disk or a free port is missing."""
    find_java()
    fetch_jars()
    for folder in data_folders(installation.home.root):
        require_room(folder)
    for part in installation.parts:
        require_free_ports(part)


def data_folders(root: Path) -> list[Path]:
    """Return the folders that data is written to."""
    return [root, OUTSIDE] if is_root() else [root]


def require_room(folder: Path, needed_bytes: int = NEEDED_BYTES) -> None:
    """Raise `MisconfiguredError` when the disk of `folder` has less room than `needed_bytes`."""
    free_bytes = shutil.disk_usage(folder).free
    if free_bytes < needed_bytes:
        raise MisconfiguredError(
            f"the disk of {folder} has {free_bytes / GIB:.1f} GiB free and {needed_bytes / GIB:.1f} GiB are needed: "
            "make room, or put the state elsewhere with AIRTIDE__LOCAL__HOME"
        )


def require_free_ports(part: Part) -> None:
    """Raise `MisconfiguredError` when another process has one of the part's ports."""
    settings = PORT_SETTINGS.get(part.name, (part.name,))
    for port, setting in zip(part.ports, settings, strict=False):
        require_free_port(port, part=part.name, setting=setting)
