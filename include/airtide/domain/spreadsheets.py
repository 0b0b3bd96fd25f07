"""Cells of CSV files that are safe to open in a spreadsheet."""

from __future__ import annotations

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def defuse_text(text: str) -> str:
    """Return text that no spreadsheet takes for a formula: names are written by strangers."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def to_cell(value: object) -> object:
    """Return a value as a cell: nothing for None, true or false, text without formulas; numbers stay as they are."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return defuse_text(value) if isinstance(value, str) else value
