"""Each fault that can be asked of simulated Kick, through the real client: what the sweep says of it."""

from __future__ import annotations

import pytest
from tests.unit.platforms.faults import Case, check_case, read_log, take_sweep
from tests.unit.platforms.simulated import SimulatedWeb
from tests.unit.platforms.sites import Limits, make_clock

from airtide.domain.errors import ContractChanged, CredentialsRejected, PartUnreachable, RateLimited, TickRefused
from airtide.domain.models import Outcome, Platform
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
WHOLE, PART, FAILED = Outcome.COMPLETE, Outcome.PARTIAL, Outcome.FAILED
TOO_FEW = r"\d+ broadcasts where the site counts \d+"

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
        "page 2: kick: GET .* HTTP 500 again and again$",
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
    Case("token expired in the middle", SECOND | {"status": 401}, WHOLE),
    Case(
        "every token refused",
        SECOND | {"status": 401, "times": 2},
        PART,
        "airtide_kick .page 2.$",
        CredentialsRejected,
    ),
    Case("forbidden", SECOND | {"status": 403}, PART, "HTTP 403: the key was refused.*page 2", CredentialsRejected),
    Case("no token given", TOKEN | {"status": 400}, FAILED, "gives no app token.*page 1", CredentialsRejected),
    Case("a bad key", TOKEN | {"status": 401}, FAILED, "gives no app token.*page 1", CredentialsRejected),
    Case("token server down", TOKEN | {"status": 500, "times": 4}, FAILED, "oauth/token.*HTTP 500", PartUnreachable),
    Case("a stale cursor", SECOND | {"status": 400}, PART, "page 2: .*HTTP 400: the site does not take this request$"),
    Case("the first request refused", FIRST | {"status": 400}, FAILED, "HTTP 400.*page 1", ContractChanged),
    Case("an empty page in the middle", SECOND | {"empty": True}, PART, TOO_FEW),
    Case(
        "an empty first page", FIRST | {"empty": True}, FAILED, "page 1: the site lists nothing live", PartUnreachable
    ),
    Case("a page repeated", SECOND | {"repeat": True}, PART, "page 3: the site repeats a cursor$"),
    Case("a count that cannot be had", COUNT | {"status": 429}, WHOLE),
    Case("a count of another shape", COUNT | {"remove": ["data"]}, WHOLE),
    Case(
        "a list without rows",
        SECOND | {"remove": ["data"]},
        PART,
        "missing required field `data` .page 2.$",
        ContractChanged,
    ),
    Case("rows of another type", SECOND | {"change": {"data": {}}}, PART, r"`\$.data` .page 2.$", ContractChanged),
    Case("a list without a way on", SECOND | {"remove": ["pagination"]}, PART, TOO_FEW),
    Case("a clock a little fast", FIRST | {"skew_s": 200}, WHOLE),
    Case("a clock far ahead", FIRST | {"skew_s": 400}, None, "403 s away from the site's own clock", TickRefused),
    Case("a clock far behind", FIRST | {"skew_s": -400}, None, "397 s away from the site's own clock", TickRefused),
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
