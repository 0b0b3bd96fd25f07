"""Reads the SQL statements that lie beside the code, one a file."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import LiteralString

_FOLDER = Path(__file__).parent / "sql"


@cache
def read_statement(name: str) -> LiteralString:
    """Return the statement of `sql/<name>.sql`; its values are bound parameters, never text put into it."""
    # the files are part of the program: their text is as trusted as a literal
    return (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
