"""Each fault that can be asked of simulated Kick, through the real client: what the sweep says of it."""

from __future__ import annotations

import pytest
from tests.unit.platforms.fault_cases import (
    FAILED,
    PART,
    WHOLE,
    list_common_cases,
    list_pace_cases,
    list_row_cases,
    list_token_cases,
)
from tests.unit.platforms.faults import Case, check_case, read_log, take_sweep
from tests.unit.platforms.simulated import SimulatedWeb
from tests.unit.platforms.sites import Limits, make_clock

from airtide.domain.errors import ContractChanged, CredentialsRejected
from airtide.domain.models import Platform
from airtide.pipeline.ports import LiveSource
from airtide.platforms.kick import client as kick_client
from airtide.platforms.quota import Quota
from airtide.platforms.registry import build_source

KEYS = {"login": "kick-id", "password": "kick-secret"}
PAGE_ROWS = 40
SECOND = {"path": "/public/v2/livestreams", "page": 2}
FIRST = {"path": "/public/v2/livestreams", "page": 1}
COUNT = {"path": "/public/v1/livestreams/stats"}
TOKEN = {"path": "/oauth/token"}
TOO_FEW = r"\d+ broadcasts where the site counts \d+"

CASES = [
    *list_common_cases(Platform.KICK, first=FIRST, second=SECOND),
    *list_pace_cases(first=FIRST, second=SECOND),
    *list_token_cases(Platform.KICK, second=SECOND, token=TOKEN),
    *list_row_cases(SECOND),
    Case("a bad key", TOKEN | {"status": 401}, FAILED, "gives no app token.*page 1", CredentialsRejected),
    Case("a stale cursor", SECOND | {"status": 400}, PART, "page 2: .*HTTP 400: the site does not take this request$"),
    Case("the first request refused", FIRST | {"status": 400}, FAILED, "HTTP 400.*page 1", ContractChanged),
    Case("an empty page in the middle", SECOND | {"empty": True}, PART, TOO_FEW),
    Case("a count that cannot be had", COUNT | {"status": 429}, WHOLE),
    Case("a count of another shape", COUNT | {"remove": ["data"]}, WHOLE),
    Case("a list without a way on", SECOND | {"remove": ["pagination"]}, PART, TOO_FEW),
]


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of 40 rows: the world is not large enough for two of a thousand."""
    monkeypatch.setattr(kick_client, "PAGE_SIZE", PAGE_ROWS)


def make_source(simulated: SimulatedWeb) -> LiveSource:
    return build_source(Platform.KICK, simulated.access("kick", **KEYS), Limits(), make_clock(), Quota())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_sweep_says_what_a_fault_did_to_it(
    simulated: SimulatedWeb, caplog: pytest.LogCaptureFixture, case: Case
) -> None:
    with caplog.at_level(0):
        sweep = check_case(case, simulated, make_source(simulated), list(KEYS.values()))
    assert [key for key in KEYS.values() if key in read_log(caplog)] == []
    if case.outcome is PART:
        assert sweep is not None
        assert PAGE_ROWS <= sweep.snapshots <= 2 * PAGE_ROWS


def test_the_sweep_after_a_fault_is_whole_again(simulated: SimulatedWeb) -> None:
    source = make_source(simulated)
    simulated.order_fault(site="kick", **SECOND, status=429)
    assert take_sweep(source).raised is not None
    after = take_sweep(source).sweep
    assert after is not None
    assert (after.outcome, after.unknown_fields) == (WHOLE, {})
    assert after.snapshots > 2 * PAGE_ROWS
