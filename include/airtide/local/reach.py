"""Adapters for commands that work on the running parts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from airtide.local.commands import find_environment

if TYPE_CHECKING:
    from airtide.wiring.adapters import Adapters
    from airtide.wiring.reads import Reads


@contextmanager
def open_adapters() -> Iterator[Adapters]:
    """Open the adapters of the connections told to this process; closed at the end of the block."""
    from airtide.wiring.adapters import Adapters
    from airtide.wiring.connections import Connections, read_environment

    with Adapters(Connections(read_environment(find_environment()))) as adapters:
        yield adapters


@contextmanager
def open_reads() -> Iterator[Reads]:
    """Open the read side of the same connections; closed at the end of the block."""
    from airtide.wiring.reads import Reads

    with open_adapters() as adapters:
        reads = Reads(adapters.connections.postgres_address(), adapters.settings, adapters.clock)
        with closing(reads):
            yield reads
