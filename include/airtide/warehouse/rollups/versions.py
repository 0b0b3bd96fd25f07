"""Keeps days from being merged out of states of two versions of the definitions."""

from __future__ import annotations

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
