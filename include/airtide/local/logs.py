"""Reads the end of a log, and what is added to it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

LOOK_EVERY_S = 0.3


def read_lines(file: Path, *, lines: int, follow: bool) -> Iterator[str]:
    """Yield the last `lines` lines of `file`, and with `follow` every new one for ever, also after it was rotated."""
    stream = _open(file)
    try:
        yield from deque(stream, maxlen=lines)
        while follow:
            line = stream.readline()
            if line:
                yield line
            elif file.exists() and file.stat().st_size < stream.tell():
                stream.close()
                stream = _open(file)
            else:
                time.sleep(LOOK_EVERY_S)
    finally:
        stream.close()


def _open(file: Path) -> TextIO:
    return file.open(encoding="utf-8", errors="replace")
