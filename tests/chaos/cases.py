"""Every way in which a landing is broken: where, how, and when new messages come."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import product


class FaultPoint(StrEnum):
    """Where in a batch the landing is broken."""

    AFTER_PLAN = "after_plan"
    AFTER_READ = "after_read"
    AFTER_PUT = "after_put"
    """The first of the batch's objects is written, the others are not."""
    BEFORE_TRANSACTION = "before_transaction"
    AFTER_COPY = "after_copy"
    """Inside the transaction, which holds its locks: the samples are copied, nothing is committed."""
    AFTER_COMMIT = "after_commit"
    BEFORE_NOTE = "before_note"
    """All is landed; the courtesy to lag monitors is not done."""


class FaultKind(StrEnum):
    """How it is broken."""

    KILL = "kill -9"
    """The process is killed, and so is the next one at the same point."""
    EXCEPTION = "exception"
    """An error that nobody foresaw, and once more in the next process."""
    ZOMBIE = "zombie"
    """The process is stopped, another landing runs to its end, then the first one goes on."""


class Order(StrEnum):
    """When new messages come: two ticks, of which one was polled before."""

    MORE_FIRST = "more first"
    """Before the second landing: it finds a batch that was planned over less than there is now, and goes on beyond it,
    so that the positions have moved past a zombie's batch when that wakes."""
    MORE_LAST = "more last"
    """After the second landing: that lands exactly what was left, and a zombie wakes to messages that it can plan."""


SERVICE_CUT_OFF_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One way to break a landing."""

    point: FaultPoint
    kind: FaultKind
    order: Order
    batch: int
    """Which of the landing's batches is broken, the first or the second."""
    cut_off_s: int = 2
    """Seconds until the server ends the transaction of a stopped process; 60 in service."""

    def __str__(self) -> str:
        return f"{self.point}, {self.told_kind}, {self.order}, batch {self.batch}"

    @property
    def told_kind(self) -> str:
        """The kind, and what is special about the case."""
        return f"{self.kind}, {self.cut_off_s} s" if self.cut_off_s == SERVICE_CUT_OFF_S else self.kind.value


ALL = (
    *(
        Case(point=point, kind=kind, order=order, batch=batch)
        for point, kind, order, batch in product(FaultPoint, FaultKind, Order, (1, 2))
    ),
    Case(
        point=FaultPoint.AFTER_COPY,
        kind=FaultKind.ZOMBIE,
        order=Order.MORE_FIRST,
        batch=1,
        cut_off_s=SERVICE_CUT_OFF_S,
    ),
)
"""The whole matrix, and once a stopped transaction with the time-outs of service."""


def choose_short() -> tuple[Case, ...]:
    """Return every point with kill -9 and as a zombie, orders and batches taking turns, and two exceptions."""
    orders = tuple(Order)
    killed_and_stopped = [
        Case(point=point, kind=kind, order=orders[(place + turn) % 2], batch=1 + (place + turn // 2) % 2)
        for turn, kind in enumerate((FaultKind.KILL, FaultKind.ZOMBIE))
        for place, point in enumerate(FaultPoint)
    ]
    raised = [
        Case(point=point, kind=FaultKind.EXCEPTION, order=Order.MORE_FIRST, batch=2)
        for point in (FaultPoint.AFTER_PUT, FaultPoint.AFTER_COPY)
    ]
    return (*killed_and_stopped, *raised)
