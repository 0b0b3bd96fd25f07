"""Runs a statement of `warehouse/sql` and gives its rows as records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from psycopg import Connection
from psycopg.rows import class_row

from airtide.warehouse.statements import read_statement

Row = TypeVar("Row")


def fetch_rows(connection: Connection[Any], name: str, row: type[Row], parameters: Mapping[str, object]) -> list[Row]:
    """Run the statement `name` with bound `parameters`; each column becomes the field of the same name of a `row`."""
    with connection.cursor(row_factory=class_row(row)) as cursor:
        return cursor.execute(read_statement(name), parameters).fetchall()


def fetch_row(connection: Connection[Any], name: str, row: type[Row], parameters: Mapping[str, object]) -> Row | None:
    """Run a statement that gives one row or, where the thing asked for is not there, none."""
    rows = fetch_rows(connection, name, row, parameters)
    return rows[0] if rows else None
