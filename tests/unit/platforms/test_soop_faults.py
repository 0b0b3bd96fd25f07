"""Each fault that can be asked of simulated SOOP, through the real client: what the sweep says of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.platforms.faults import Case, check_case, read_log, take_sweep
from tests.unit.platforms.simulated import SimulatedWeb
from tests.unit.platforms.sites import TICK, Limits, make_clock, read_all
from tests.unit.simulators.callers import CHANNELS, SEED

from airtide.domain.errors import ContractChanged, CredentialsRejected, PartUnreachable, RateLimited, TickRefused
from airtide.domain.models import Outcome, Platform
from airtide.domain.pages import Tally
from airtide.pipeline.ports import LiveSource
from airtide.platforms.quota import Quota
from airtide.platforms.registry import build_source
from airtide.simulators.world import World

KEY = "soop-id"
SECOND = {"path": "/broad/list", "page": 2}
FIRST = {"path": "/broad/list", "page": 1}
TREE = {"path": "/broad/category/list"}
WHOLE, PART, FAILED = Outcome.COMPLETE, Outcome.PARTIAL, Outcome.FAILED
OWN_ERROR = {"broad": None, "result": -1, "msg": "try again"}

CASES = [
    Case("too fast", SECOND | {"status": 429}, PART, r"without a time to wait \(page 2\)$", RateLimited),
    Case(
        "told to wait",
        SECOND | {"status": 429, "headers": {"Retry-After": "90"}},
        PART,
        "wait 90 s .page 2",
        RateLimited,
    ),
    Case("an error once", SECOND | {"status": 500}, WHOLE),
    Case(
        "errors for good", SECOND | {"status": 500, "times": 4}, PART, "page 2: soop: GET .* HTTP 500 again and again$"
    ),
    Case("a failed first page", FIRST | {"status": 503, "times": 4}, PART, "page 1: .*HTTP 503 again and again"),
    Case("slow but in time", SECOND | {"delay_s": 0.01}, WHOLE),
    Case("half an answer once", SECOND | {"truncate": True}, WHOLE),
    Case("half an answer", SECOND | {"truncate": True, "times": 2}, PART, "page 2: .*not JSON or are cut short"),
    Case("a web page with status 200", SECOND | {"html": True, "times": 2}, PART, "page 2: .*not JSON"),
    Case("nothing but web pages", {"path": "/broad/list", "html": True, "times": 6}, FAILED, "page 3", PartUnreachable),
    Case("client id refused", SECOND | {"status": 401}, PART, "airtide_soop .page 2.$", CredentialsRejected),
    Case("request refused", SECOND | {"status": 400}, PART, "HTTP 400.* .page 2.$", ContractChanged),
    Case("the site's own error", SECOND | {"change": OWN_ERROR}, PART, "page 2: .*its own error, result -1$"),
    Case(
        "the site's own word of the key",
        SECOND | {"change": OWN_ERROR | {"msg": f"client_id {KEY} is not registered"}},
        PART,
        "airtide_soop .page 2.$",
        CredentialsRejected,
    ),
    Case(
        "an empty page",
        FIRST | {"empty": True},
        PART,
        r"page 1: the page is empty where the site counts \d+ broadcasts$",
    ),
    Case(
        "a page repeated",
        SECOND | {"repeat": True},
        PART,
        r"page 3: the site counts \d+ broadcasts where only 71 were read$",
    ),
    Case(
        "a count too small",
        FIRST | {"change": {"total_cnt": 7}},
        PART,
        "page 1: the site counts only 7 .* 60 were read",
    ),
    Case(
        "a count as text", SECOND | {"change": {"total_cnt": "7"}}, PART, r"`\$.total_cnt` .page 2.$", ContractChanged
    ),
    Case("a list without rooms", SECOND | {"remove": ["broad"]}, PART, "`broad` is missing .page 2.$", ContractChanged),
    Case("rooms of another type", SECOND | {"change": {"broad": {}}}, PART, r"`\$.broad` .page 2.$", ContractChanged),
    Case("a tree that is a web page", TREE | {"html": True, "times": 2}, WHOLE),
    Case("a tree of another shape", TREE | {"remove": ["broad_category"]}, WHOLE),
    Case("a clock a little fast", FIRST | {"skew_s": 200}, WHOLE),
    Case("a clock far ahead", FIRST | {"skew_s": 400}, None, "403 s away from the site's own clock", TickRefused),
]


def make_source(simulated: SimulatedWeb, key: str = KEY, **limits: object) -> LiveSource:
    access = simulated.access("soop", password=key, login="")
    return build_source(Platform.SOOP, access, Limits(**limits), make_clock(), Quota())  # type: ignore[arg-type]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_sweep_says_what_a_fault_did_to_it(
    simulated: SimulatedWeb, caplog: pytest.LogCaptureFixture, case: Case
) -> None:
    with caplog.at_level(0):
        sweep = check_case(case, simulated, make_source(simulated), [KEY])
    assert KEY not in read_log(caplog)
    if case.outcome is PART:
        assert sweep is not None
        assert sweep.snapshots >= 30


def test_the_sweep_after_a_fault_is_whole_again(simulated: SimulatedWeb) -> None:
    source = make_source(simulated)
    simulated.order_fault(site="soop", **SECOND, status=429)
    assert take_sweep(source).raised is not None
    after = take_sweep(source).sweep
    assert after is not None
    assert (after.outcome, after.unknown_fields) == (WHOLE, {})


def test_texts_for_numbers_addresses_without_scheme_and_korean_times_come_out_right(simulated: SimulatedWeb) -> None:
    live = {one.broadcast.broadcast_id: one for one in World(SEED, CHANNELS).live("soop", int(TICK.timestamp()) + 3)}
    told = [one for page in read_all(make_source(simulated)) for one in page.snapshots]
    assert {one.broadcast_id for one in told} == set(live)
    for one in told:
        assert one.viewers == live[one.broadcast_id].viewers
        assert one.started_at == datetime.fromtimestamp(live[one.broadcast_id].broadcast.started_s, UTC)
        assert one.thumbnail_url == f"https://liveimg.sooplive.com/m/{one.broadcast_id}"
        assert one.category_name
        assert one.category_id is not None
        assert len(one.category_id) == 8


def test_one_category_is_a_part_of_the_whole_and_says_so(simulated: SimulatedWeb) -> None:
    whole = [one for page in read_all(make_source(simulated)) for one in page.snapshots]
    category = whole[0].category_id
    assert category is not None
    tally = Tally()
    narrowed = read_all(make_source(simulated, category_ids=(category,)), tally)
    ids = {one.broadcast_id for page in narrowed for one in page.snapshots}
    assert ids == {one.broadcast_id for one in whole if one.category_id == category}
    assert 0 < len(ids) < len(whole)
    assert tally.is_filtered
    assert [page.error for page in narrowed if page.error] == []


def test_rooms_that_come_and_go_while_pages_are_read_are_no_reason_to_doubt(simulated: SimulatedWeb) -> None:
    instants = iter([TICK + timedelta(seconds=3 * step) for step in range(100)])
    access = simulated.access("soop", lambda: next(instants), password=KEY, login="")
    told = take_sweep(build_source(Platform.SOOP, access, Limits(), make_clock(), Quota()))
    assert told.sweep is not None
    assert told.sweep.outcome is WHOLE
