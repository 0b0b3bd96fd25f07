"""One member of the group that captures pictures, as a process: run after run, until it is told to end, or killed."""

from __future__ import annotations

import os
import sys

from airtide.wiring.adapters import Adapters
from airtide.wiring.connections import Connections, read_environment
from airtide.wiring.pictures import capture_thumbnails


def main() -> None:
    """Capture until standard input ends; print a line a run."""
    os.set_blocking(sys.stdin.fileno(), False)
    with Adapters(Connections(read_environment(os.environ))) as adapters:
        while sys.stdin.buffer.read(1) is None:
            print(capture_thumbnails(adapters), flush=True)


if __name__ == "__main__":
    main()
