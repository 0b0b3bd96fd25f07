"""Hostile text on its way to a terminal: nothing in it may move the cursor, colour, or turn the reading direction."""

from __future__ import annotations


def tame(text: str) -> str:
    """Return `text` with everything that is no printable character escaped, line ends too."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


def tame_bytes(raw: bytes) -> str:
    """Return bytes as UTF-8 text, with what is no text or not printable escaped."""
    return tame(raw.decode("utf-8", "backslashreplace"))
