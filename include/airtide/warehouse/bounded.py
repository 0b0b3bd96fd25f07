"""A connection that gives up on a server which hangs."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.pq import TransactionStatus

_LOOK_EVERY_S = 0.1


class BoundedConnection(psycopg.Connection[Any]):
    """Waits for each answer no longer than `longest_wait_s`, then closes and raises `psycopg.OperationalError`.

    The system acknowledges what is sent to a process that hangs, and the process cannot run its own time-outs: only
    the client can end such a wait.
    """

    longest_wait_s: float | None = None
    """None waits for ever."""

    def wait(self, gen: PQGen[RV], interval: float = _LOOK_EVERY_S, timeout: float | None = None) -> RV:
        """Run one exchange with the server, as `psycopg.Connection.wait` does, within the bound."""
        limit_s = self.longest_wait_s if timeout is None else timeout
        try:
            return super().wait(gen, interval, limit_s)
        except psycopg.OperationalError as error:
            if error.sqlstate is not None or self.pgconn.transaction_status != TransactionStatus.ACTIVE:
                raise
            self.pgconn.finish()
            raise psycopg.OperationalError(f"no answer within {limit_s} s") from error
