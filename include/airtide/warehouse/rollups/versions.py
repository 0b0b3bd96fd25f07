"""Keeps days from being merged out of states of two versions of the definitions, and tells where it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import psycopg

from airtide.domain.viewership import DEFINITIONS_VERSION
from airtide.warehouse.statements import read_statement


def mark_older_hours(connection: psycopg.Connection, *, zone: str | None, now: datetime) -> None:
    """Mark the hours of stale days whose states are of another version: they are computed before the days are.

    Sealed hours stay as they are; the days around the age of the samples are all that can be merged from both.
    """
    scope = {"zone": zone, "now": now, "definitions_version": DEFINITIONS_VERSION}
    connection.execute(read_statement("mark_older_hours"), scope)


def read_oldest_version(connection: psycopg.Connection, of_day: Mapping[str, object]) -> int:
    """Return the version that a day's rows are of: the oldest of the states that it is merged from.

    An older one than today's is left only where hours of the day are sealed, and others of it are not.
    """
    row = connection.execute(read_statement("read_oldest_version"), of_day).fetchone()
    found = None if row is None else row[0]
    return DEFINITIONS_VERSION if found is None else found
