"""Each fault that can be asked of simulated CHZZK, through the real client: what the sweep says of it."""

from __future__ import annotations

import pytest
from tests.unit.platforms.faults import Case, check_case, read_log, take_sweep
from tests.unit.platforms.simulated import SimulatedWeb
from tests.unit.platforms.sites import Limits, make_clock

from airtide.domain.errors import ContractChanged, CredentialsRejected, PartUnreachable, RateLimited, TickRefused
from airtide.domain.models import Outcome, Platform
from airtide.pipeline.ports import LiveSource
from airtide.platforms.quota import Quota
from airtide.platforms.registry import build_source

KEYS = {"login": "chzzk-id", "password": "chzzk-secret"}
PAGE_ROWS = 20
SECOND = {"path": "/open/v1/lives", "page": 2}
FIRST = {"path": "/open/v1/lives", "page": 1}
WHOLE, PART, FAILED = Outcome.COMPLETE, Outcome.PARTIAL, Outcome.FAILED
REFUSED = {"code": "INVALID_CLIENT", "message": "unknown client", "content": None}
OWN_ERROR = {"code": 9004, "message": "try again", "content": None}

CASES = [
    Case("too fast", SECOND | {"status": 429}, PART, r"without a time to wait \(page 2\)$", RateLimited),
    Case(
        "told to wait",
        SECOND | {"status": 429, "headers": {"Retry-After": "90"}},
        PART,
        r"too many requests, wait 90 s \(page 2\)$",
        RateLimited,
    ),
    Case("too fast at once", FIRST | {"status": 429}, FAILED, r"without a time to wait \(page 1\)$", RateLimited),
    Case("an error once", SECOND | {"status": 500}, WHOLE),
    Case(
        "errors for good",
        SECOND | {"status": 500, "times": 4},
        PART,
        "page 2: chzzk: GET .* HTTP 500 again and again$",
    ),
    Case("unavailable for good", SECOND | {"status": 503, "times": 4}, PART, "HTTP 503 again and again"),
    Case(
        "the first page fails for good",
        FIRST | {"status": 500, "times": 4},
        FAILED,
        "page 1: .*HTTP 500 again and again",
        PartUnreachable,
    ),
    Case("slow but in time", SECOND | {"delay_s": 0.01}, WHOLE),
    Case("half an answer once", SECOND | {"truncate": True}, WHOLE),
    Case("half an answer", SECOND | {"truncate": True, "times": 2}, PART, "page 2: .*not JSON or are cut short"),
    Case("a web page", SECOND | {"html": True, "times": 2}, PART, "page 2: .*not JSON"),
    Case(
        "the first page a web page", FIRST | {"html": True, "times": 2}, FAILED, "page 1: .*not JSON", PartUnreachable
    ),
    Case("the key taken away", SECOND | {"status": 401}, PART, "airtide_chzzk .page 2.$", CredentialsRejected),
    Case("a bad key", FIRST | {"status": 401}, FAILED, "airtide_chzzk .page 1.$", CredentialsRejected),
    Case("forbidden", SECOND | {"status": 403}, PART, "HTTP 403: the key was refused.*page 2", CredentialsRejected),
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
        "an empty first page", FIRST | {"empty": True}, FAILED, "page 1: the site lists nothing live", PartUnreachable
    ),
    Case("a page repeated", SECOND | {"repeat": True}, PART, "page 3: the site repeats a cursor$"),
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
    Case("a clock a little fast", FIRST | {"skew_s": 200}, WHOLE),
    Case("a clock far ahead", FIRST | {"skew_s": 400}, None, "403 s away from the site's own clock", TickRefused),
    Case("a clock far behind", FIRST | {"skew_s": -400}, None, "397 s away from the site's own clock", TickRefused),
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
