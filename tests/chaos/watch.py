"""Calls a function at every fault point that a landing of this process comes to.

The adapters' own methods are wrapped, in a process that exists for one landing: the code that lands knows nothing of
it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import psycopg
from tests.chaos.cases import FaultPoint

from airtide.bus.ranges import KafkaLog
from airtide.lake.s3_store import S3Store
from airtide.warehouse.ledger import WarehouseLedger

Hit = Callable[[FaultPoint], None]


def watch_landings(hit: Hit) -> None:
    """Call `hit` at every fault point from now on."""
    _after(WarehouseLedger, "plan_batch", FaultPoint.AFTER_PLAN, hit)
    _after(KafkaLog, "read_batch", FaultPoint.AFTER_READ, hit)
    _after(S3Store, "put_if_absent", FaultPoint.AFTER_PUT, hit)
    _before(WarehouseLedger, "land_batch", FaultPoint.BEFORE_TRANSACTION, hit)
    _after_copy(hit)
    _after(WarehouseLedger, "land_batch", FaultPoint.AFTER_COMMIT, hit)
    _before(KafkaLog, "note_positions", FaultPoint.BEFORE_NOTE, hit)


def _before(adapter: type, name: str, point: FaultPoint, hit: Hit) -> None:
    method = getattr(adapter, name)

    @wraps(method)
    def watched(*arguments: Any, **named: Any) -> Any:
        hit(point)
        return method(*arguments, **named)

    setattr(adapter, name, watched)


def _after(adapter: type, name: str, point: FaultPoint, hit: Hit) -> None:
    method = getattr(adapter, name)

    @wraps(method)
    def watched(*arguments: Any, **named: Any) -> Any:
        answer = method(*arguments, **named)
        hit(point)
        return answer

    setattr(adapter, name, watched)


def _after_copy(hit: Hit) -> None:
    copy = psycopg.Cursor.copy

    @contextmanager
    def watched(*arguments: Any, **named: Any) -> Iterator[psycopg.Copy]:
        with copy(*arguments, **named) as made:
            yield made
        hit(FaultPoint.AFTER_COPY)

    psycopg.Cursor.copy = watched
