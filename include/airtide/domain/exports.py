"""What an export of a day consists of: tables, their columns, and what is told beside the rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Kind(StrEnum):
    """What the values of a column are."""

    INTEGER = "32-bit integer"
    LONG = "64-bit integer"
    REAL = "64-bit floating point"
    TEXT = "text"
    FLAG = "true or false"
    DAY = "date"
    INSTANT = "instant, UTC"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an exported table."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportTable:
    """One rollup table of a day."""

    name: str
    columns: tuple[Column, ...]
    definitions_versions: tuple[int, ...]
    """Those that its rows were computed under, ascending."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSource:
    """Where the rows of an export come from; the same in all of its files."""

    data: str
    """simulated | real"""
    zone: str
    day: date
    starts_at: datetime
    ends_at: datetime
    is_provisional: bool
    """The numbers may still change."""
    tables: tuple[str, ...]
    """All that were exported together."""

    def name_file(self, table: str, suffix: str) -> str:
        """Return the name of a table's file, in plain ASCII."""
        return f"airtide-{table}-{self.day}-{self.zone.replace('/', '-')}.{suffix}"
