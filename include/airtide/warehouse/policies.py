"""What the store holds and how long it may keep it: written once a start, from settings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

import psycopg

from airtide.domain.errors import MisconfiguredError
from airtide.domain.models import Platform
from airtide.warehouse.statements import read_statement

StoreKind = Literal["simulated", "real"]

_HOW_TO_START = {
    "simulated": "start without keys (AIRTIDE__MODE=simulated)",
    "real": "start with real keys (AIRTIDE__MODE=real)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformPolicy:
    """How long each kind of one platform's data may be kept, and what may be done with it."""

    platform: Platform
    raw_age: timedelta
    text_age: timedelta
    statistics_age: timedelta
    picture_age: timedelta
    pictures: Literal["never", "link", "capture"]
    in_combined_rank: bool
    source_url: str | None = None
    checked_on: date | None = None


def write_policies(connection: psycopg.Connection, policies: Iterable[PlatformPolicy]) -> None:
    """Make the stored policies of these platforms equal to the given ones; needs `Role.OWNER`."""
    rows = [
        {
            "platform": policy.platform.value,
            "raw_age": policy.raw_age,
            "text_age": policy.text_age,
            "statistics_age": policy.statistics_age,
            "picture_age": policy.picture_age,
            "pictures": policy.pictures,
            "in_combined_rank": policy.in_combined_rank,
            "source_url": policy.source_url,
            "checked_on": policy.checked_on,
        }
        for policy in policies
    ]
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(read_statement("write_policy"), rows)


def read_raw_age(connection: psycopg.Connection, platform: Platform) -> timedelta:
    """Return the platform's raw age; raises `MisconfiguredError` when no policy is written."""
    row = connection.execute(read_statement("read_raw_age"), {"platform": platform.value}).fetchone()
    if row is None:
        raise MisconfiguredError(f"no policy says how long data of {platform} may be kept: run `airtide up`")
    raw_age: timedelta = row[0]
    return raw_age


def stamp_store(connection: psycopg.Connection, kind: StoreKind, *, now: datetime) -> None:
    """Mark an empty store as `kind`; needs `Role.OWNER`.

    Raises `MisconfiguredError` when it already holds the other kind: simulated and real numbers never mix.
    """
    with connection.transaction():
        connection.execute(read_statement("stamp_store"), {"kind": kind, "stamped_at": now})
        stamped = read_stamp(connection)
    if stamped != kind:
        raise MisconfiguredError(
            f"this store holds {stamped} data and would be mixed with {kind} data: {_HOW_TO_START[stamped]}, "
            f"or keep {kind} data in another folder (AIRTIDE__LOCAL__HOME) or database"
        )


def read_stamp(connection: psycopg.Connection) -> StoreKind:
    """Return what the store holds; raises `MisconfiguredError` when it was never stamped."""
    row = connection.execute("SELECT kind FROM policy.store_stamp").fetchone()
    if row is None:
        raise MisconfiguredError("this store was never started: run `airtide up`")
    kind: StoreKind = row[0]
    return kind
