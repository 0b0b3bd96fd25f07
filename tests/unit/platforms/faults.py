"""What a whole sweep of a simulated site says of a fault that was asked for: the shape of each site's table."""

from __future__ import annotations

import re
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from tests.fakes.polling import CollectingSink
from tests.unit.platforms.simulated import SimulatedWeb
from tests.unit.platforms.sites import TICK, make_clock

from airtide.domain.errors import AirtideError
from airtide.domain.models import Outcome, Sweep
from airtide.pipeline.asking import Asking
from airtide.pipeline.poll import poll_platform
from airtide.pipeline.ports import CandidateStore, LiveSource


@dataclass(frozen=True)
class Case:
    """One fault, and what a sweep under it must come to."""

    name: str
    fault: dict[str, Any]
    outcome: Outcome | None
    """None where nothing may be published."""
    says: str | None = None
    """Stands in the sweep's error, a regular expression; None for a sweep without error."""
    raises: type[AirtideError] | None = None
    """What fails the task; None where it stays green."""

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Told:
    """What a sweep left behind."""

    sweep: Sweep | None
    raised: AirtideError | None


def take_sweep(source: LiveSource, candidates: CandidateStore | None = None) -> Told:
    """Poll the source once at the tick."""
    sink = CollectingSink()
    raised = None
    try:
        poll_platform(source, sink, make_clock(), tick=TICK, asking=None if candidates is None else Asking(candidates))
    except AirtideError as error:
        raised = error
    return Told(sink.sweeps[-1] if sink.sweeps else None, raised)


def read_log(caplog: pytest.LogCaptureFixture) -> str:
    """Return what was logged by anybody but the stand-in for the network, which logs whole addresses."""
    return " ".join(record.getMessage() for record in caplog.records if record.name != "httpx")


def check_case(
    case: Case, simulated: SimulatedWeb, source: LiveSource, secrets: Sequence[str], candidates: Any = None
) -> Sweep | None:
    """Order the fault, take a sweep, and hold it to what the table says; return its record."""
    simulated.order_fault(site=source.platform.value, **case.fault)
    told = take_sweep(source, candidates)
    assert told.raised is None if case.raises is None else isinstance(told.raised, case.raises)
    assert (told.sweep and told.sweep.outcome) is case.outcome
    said = (
        "" if told.raised is None else "".join(traceback.format_exception(told.raised)) + repr(told.raised.__context__)
    )
    if told.sweep is not None:
        said += f" {told.sweep!r}"
        assert (told.sweep.error is None) == (case.says is None)
        assert case.says is None or re.search(case.says, told.sweep.error or "")
    elif case.says is not None:
        assert re.search(case.says, str(told.raised))
    if case.says is not None:
        assert source.platform.value in said
        assert "page" in said
    assert [secret for secret in secrets if secret in said] == []
    return told.sweep
