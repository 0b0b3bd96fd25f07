"""Python's collector of cycles, held off while a batch is landed."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Collect no cycles inside the block: it makes very many objects and hardly a cycle, and each pass looks at all.

    What was on before is on again afterwards, and what came together meanwhile is collected as usual.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
