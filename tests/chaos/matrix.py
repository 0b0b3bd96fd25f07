"""Plays one case: breaks a landing, lands again, and asks the oracle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import monotonic

from tests.chaos.cases import Case, FaultKind, FaultPoint, Order
from tests.chaos.parts import LandingParts
from tests.chaos.processes import Landing, Task

_DONE = frozenset({"landed", "nothing to land"})
_LATE = frozenset({FaultPoint.AFTER_COMMIT, FaultPoint.BEFORE_NOTE})
"""Nothing of the struck batch is left to do: a zombie that wakes here goes on with what is there then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How one case went."""

    point: str
    kind: str
    order: str
    batch: int
    kills: int
    ended: str
    """How the broken landings ended, in the order of their ends."""
    whole: bool
    verdict: str
    """`whole`, or what is wrong."""
    seconds: float
    at: str
    """When it was played: RFC 3339, UTC, whole seconds."""


def play(case: Case, parts: LandingParts) -> Verdict:
    """Play a case on parts of its own; whatever goes wrong is its verdict."""
    began = monotonic()
    ended: list[str] = []
    try:
        _break(case, parts, ended)
        with Landing(_task(parts)) as landing:
            last = landing.end()
        assert last in _DONE, f"the clean landing ended with: {last}"
        parts.assert_all_landed()
    except Exception as error:
        verdict = f"{type(error).__name__}: {error}"
    else:
        verdict = "whole"
    return Verdict(
        point=case.point.value,
        kind=case.told_kind,
        order=case.order.value,
        batch=case.batch,
        kills=ended.count("killed"),
        ended=", ".join(ended),
        whole=verdict == "whole",
        verdict=verdict,
        seconds=round(monotonic() - began, 1),
        at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


def _break(case: Case, parts: LandingParts, ended: list[str]) -> None:
    parts.publish(0, 1, 2)
    more: dict[Order, Callable[[], None]] = {order: lambda: None for order in Order}
    more[case.order] = lambda: parts.publish(2, 3)
    if case.kind is FaultKind.ZOMBIE:
        _stop_and_wake(case, parts, more, ended)
        return
    _strike(case, parts, ended)
    more[Order.MORE_FIRST]()
    _strike(replace(case, batch=1), parts, ended)
    more[Order.MORE_LAST]()


def _strike(case: Case, parts: LandingParts, ended: list[str]) -> None:
    with Landing(_task(parts), case) as landing:
        landing.wait_until_struck()
        ended.append(landing.end())
    expected = "killed" if case.kind is FaultKind.KILL else "UnforeseenError"
    assert ended[-1] == expected, f"the broken landing ended with: {ended[-1]}"


def _stop_and_wake(case: Case, parts: LandingParts, more: dict[Order, Callable[[], None]], ended: list[str]) -> None:
    with Landing(_task(parts), case) as zombie:
        zombie.wait_until_stopped()
        more[Order.MORE_FIRST]()
        with Landing(_task(parts)) as second:
            told = second.end()
        assert told in _DONE, f"the second landing ended with: {told}"
        more[Order.MORE_LAST]()
        zombie.wake()
        ended.append(zombie.end())
    assert ended[-1] in _ends_of_zombie(case.point), f"the zombie ended with: {ended[-1]}"


def _ends_of_zombie(point: FaultPoint) -> frozenset[str]:
    if point in _LATE:
        return frozenset({"landed"})
    if point is FaultPoint.AFTER_COPY:
        return frozenset({"PartUnreachable"})  # the server has ended its transaction
    return frozenset({"fenced"})


def _task(parts: LandingParts) -> Task:
    return Task(platform=parts.platform, environment=parts.environment, settings=parts.settings)
