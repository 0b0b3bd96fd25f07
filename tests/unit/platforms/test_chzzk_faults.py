"""Each fault that can be asked of simulated CHZZK, through the real client: what the sweep says of it."""

from __future__ import annotations

import pytest
from tests.unit.platforms.fault_cases import FAILED, PART, WHOLE, list_common_cases, list_pace_cases
from tests.unit.platforms.faults import Case, check_case, read_log, take_sweep
from tests.unit.platforms.simulated import SimulatedWeb
from tests.unit.platforms.sites import Limits, make_clock

from airtide.domain.errors import ContractChanged, CredentialsRejected
from airtide.domain.models import Platform
from airtide.pipeline.ports import LiveSource
from airtide.platforms.quota import Quota
from airtide.platforms.registry import build_source

KEYS = {"login": "chzzk-id", "password": "chzzk-secret"}
PAGE_ROWS = 20
SECOND = {"path": "/open/v1/lives", "page": 2}
FIRST = {"path": "/open/v1/lives", "page": 1}
REFUSED = {"code": "INVALID_CLIENT", "message": "unknown client", "content": None}
OWN_ERROR = {"code": 9004, "message": "try again", "content": None}

CASES = [
    *list_common_cases(Platform.CHZZK, first=FIRST, second=SECOND),
    *list_pace_cases(first=FIRST, second=SECOND),
    Case("the key taken away", SECOND | {"status": 401}, PART, "airtide_chzzk .page 2.$", CredentialsRejected),
    Case("a bad key", FIRST | {"status": 401}, FAILED, "airtide_chzzk .page 1.$", CredentialsRejected),
    Case(
        "a bad key in the site's own words",
        FIRST | {"status": 400, "body": REFUSED},
        FAILED,
        "airtide_chzzk .page 1.$",
        CredentialsRejected,
    ),
    Case("the site's own error", SECOND | {"change": OWN_ERROR}, PART, "page 2: .*its own error.*9004"),
    Case("a stale cursor", SECOND | {"status": 400}, PART, "page 2: .*gone stale"),
    Case("a stale cursor that was not sent", FIRST | {"status": 400}, FAILED, "gone stale.*page 1", ContractChanged),
    Case("an empty page", SECOND | {"empty": True}, WHOLE),
    Case(
        "an answer without code",
        SECOND | {"remove": ["code"]},
        PART,
        "missing required field `code` .page 2.$",
        ContractChanged,
    ),
    Case(
        "an answer without content",
        SECOND | {"remove": ["content"]},
        PART,
        "`content` is missing .page 2.$",
        ContractChanged,
    ),
    Case(
        "content of another type", SECOND | {"change": {"content": []}}, PART, "got `array` .page 2.$", ContractChanged
    ),
    Case(
        "rows of another type",
        SECOND | {"change": {"content": {"data": {}, "page": {"next": None}}}},
        PART,
        r"`\$.data` .page 2.$",
        ContractChanged,
    ),
]


def make_source(simulated: SimulatedWeb) -> LiveSource:
    access = simulated.access("chzzk", **KEYS)
    return build_source(Platform.CHZZK, access, Limits(page_cap=50), make_clock(), Quota())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_sweep_says_what_a_fault_did_to_it(
    simulated: SimulatedWeb, caplog: pytest.LogCaptureFixture, case: Case
) -> None:
    with caplog.at_level(0):
        sweep = check_case(case, simulated, make_source(simulated), list(KEYS.values()))
    assert [key for key in KEYS.values() if key in read_log(caplog)] == []
    if case.outcome is PART:
        assert sweep is not None
        assert sweep.snapshots == PAGE_ROWS


def test_the_sweep_after_a_fault_is_whole_again(simulated: SimulatedWeb) -> None:
    source = make_source(simulated)
    simulated.order_fault(site="chzzk", **SECOND, status=429)
    assert take_sweep(source).raised is not None
    after = take_sweep(source).sweep
    assert after is not None
    assert (after.outcome, after.unknown_fields) == (WHOLE, {})
    assert after.snapshots > 5 * PAGE_ROWS
