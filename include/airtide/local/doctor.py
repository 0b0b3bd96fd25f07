"""Checks every part by using it, and says how to mend what does not work."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from airtide.domain.errors import AirtideError, MisconfiguredError
from airtide.local.installation import Installation
from airtide.local.java import find_jars, find_java, find_maven, read_java_version
from airtide.local.machine import GIB, data_folders, require_room
from airtide.local.parts import Part
from airtide.local.supervision import Supervisor

LOW_ROOM_BYTES = GIB // 2
"""With less, PostgreSQL and Kafka are about to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check saw; `mend` says what to do when it is not `well`."""

    name: str
    well: bool
    seen: str
    mend: str = ""


def examine(installation: Installation) -> Iterator[Finding]:
    """Yield one finding after the other: the machine first, then every part in the order of starting."""
    yield _try("java", _look_for_java)
    yield _try("jars", _look_for_jars)
    for folder in data_folders(installation.home.root):
        yield _try("disk", partial(_look_for_room, folder))
    supervisor = Supervisor(installation.home)
    states = {state.name: state.state for state in supervisor.read_states()}
    for part in installation.parts:
        yield examine_part(part, states.get(part.name, "STOPPED"))


def examine_part(part: Part, state: str) -> Finding:
    """Return what using the part showed; `state` is the supervisor's word for its process."""
    try:
        return Finding(name=part.name, well=True, seen=part.check())
    except AirtideError as error:
        return Finding(name=part.name, well=False, seen=str(error), mend=advise(part.name, state))


def advise(name: str, state: str) -> str:
    """Return how to mend a part that does not answer while the supervisor calls it `state`."""
    if state == "STOPPED":
        return "it is not running: airtide up"
    if state == "RUNNING":
        return f"it runs and does not answer as it should: airtide logs {name}, then airtide down and airtide up"
    return f"it does not stay up ({state.lower()}): airtide logs {name} tells why; then airtide down and airtide up"


def _try(name: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(name=name, well=True, seen=look())
    except MisconfiguredError as error:
        seen, _, mend = str(error).partition(": ")
        return Finding(name=name, well=False, seen=seen, mend=mend)


def _look_for_java() -> str:
    java = find_java()
    return f"Java {read_java_version(java)} at {java}"


def _look_for_jars() -> str:
    if find_jars().exists():
        return "the jars of Kafka and the S3 server are there; Maven is not needed"
    return f"the jars are not there yet; {find_maven()} fetches them at the next airtide up"


def _look_for_room(folder: Path) -> str:
    require_room(folder, LOW_ROOM_BYTES)
    return f"{shutil.disk_usage(folder).free / GIB:.1f} GiB are free for {folder}"
