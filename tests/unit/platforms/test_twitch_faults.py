"""Each fault that can be asked of simulated Twitch, through the real client: what the sweep says of it."""

from __future__ import annotations

import pytest
from tests.unit.platforms.fault_cases import FAILED, PART, WHOLE, list_common_cases, list_row_cases, list_token_cases
from tests.unit.platforms.faults import Case, check_case, read_log, take_sweep
from tests.unit.platforms.simulated import SimulatedWeb
from tests.unit.platforms.sites import Limits, make_clock

from airtide.domain.errors import ContractChanged, RateLimited
from airtide.domain.models import Platform
from airtide.pipeline.ports import LiveSource
from airtide.platforms.quota import Quota
from airtide.platforms.registry import build_source

KEYS = {"login": "twitch-id", "password": "twitch-secret"}
SECOND = {"path": "/helix/streams", "page": 2}
FIRST = {"path": "/helix/streams", "page": 1}
TOKEN = {"path": "/oauth2/token"}

CASES = [
    *list_common_cases(Platform.TWITCH, first=FIRST, second=SECOND),
    *list_token_cases(Platform.TWITCH, second=SECOND, token=TOKEN),
    *list_row_cases(SECOND),
    Case("points spent", SECOND | {"status": 429}, PART, r"wait 1 s \(page 2\)$", RateLimited),
    Case(
        "points spent and no header",
        SECOND | {"status": 429, "bare": True},
        PART,
        r"without a time to wait \(page 2\)$",
        RateLimited,
    ),
    Case(
        "told to wait",
        SECOND | {"status": 429, "bare": True, "headers": {"Retry-After": "90"}},
        PART,
        "too many requests, wait 90 s",
        RateLimited,
    ),
    Case("a stale cursor", SECOND | {"status": 400}, PART, "page 2: .*HTTP 400: the site does not take this request$"),
    Case("the first request refused", FIRST | {"status": 400}, FAILED, "HTTP 400.*page 1", ContractChanged),
    Case("an empty page at the end", SECOND | {"empty": True}, WHOLE),
]


def make_source(simulated: SimulatedWeb) -> LiveSource:
    return build_source(Platform.TWITCH, simulated.access("twitch", **KEYS), Limits(), make_clock(), Quota())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_sweep_says_what_a_fault_did_to_it(
    simulated: SimulatedWeb, caplog: pytest.LogCaptureFixture, case: Case
) -> None:
    with caplog.at_level(0):
        sweep = check_case(case, simulated, make_source(simulated), list(KEYS.values()))
    assert [key for key in KEYS.values() if key in read_log(caplog)] == []
    if case.outcome is PART:
        assert sweep is not None
        assert sweep.snapshots == 100


def test_the_sweep_after_a_fault_is_whole_again(simulated: SimulatedWeb) -> None:
    source = make_source(simulated)
    simulated.order_fault(site="twitch", **SECOND, status=429)
    assert take_sweep(source).raised is not None
    after = take_sweep(source).sweep
    assert after is not None
    assert (after.outcome, after.unknown_fields) == (WHOLE, {})
    assert after.snapshots > 100
