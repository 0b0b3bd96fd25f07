"""Faults that several sites' clients answer alike; what is a site's own stands in its table."""

from __future__ import annotations

from typing import Any

from tests.unit.platforms.faults import Case

from airtide.domain.errors import ContractChanged, CredentialsRejected, PartUnreachable, RateLimited, TickRefused
from airtide.domain.models import Outcome, Platform

WHOLE, PART, FAILED = Outcome.COMPLETE, Outcome.PARTIAL, Outcome.FAILED


def list_common_cases(platform: Platform, *, first: dict[str, Any], second: dict[str, Any]) -> list[Case]:
    """Return what holds for every site that is listed page by page; `first` and `second` name pages of the listing."""
    broken, for_good = {"status": 500}, {"status": 500, "times": 4}
    page = {"html": True, "times": 2}
    return [
        Case("an error once", second | broken, WHOLE),
        Case("errors for good", second | for_good, PART, f"page 2: {platform}: GET .* HTTP 500 again and again$"),
        Case("unavailable for good", second | {"status": 503, "times": 4}, PART, "HTTP 503 again and again"),
        Case("slow but in time", second | {"delay_s": 0.01}, WHOLE),
        Case("half an answer once", second | {"truncate": True}, WHOLE),
        Case("half an answer", second | {"truncate": True, "times": 2}, PART, "page 2: .*not JSON or are cut short"),
        Case("a web page", second | page, PART, "page 2: .*not JSON"),
        Case("the first page a web page", first | page, FAILED, "page 1: .*not JSON", PartUnreachable),
        Case("forbidden", second | {"status": 403}, PART, "HTTP 403: the key was refused.*page 2", CredentialsRejected),
        Case("an empty first page", first | {"empty": True}, FAILED, "page 1: the site lists nothing", PartUnreachable),
        Case("a page repeated", second | {"repeat": True}, PART, "page 3: the site repeats a cursor$"),
        Case("a clock a little fast", first | {"skew_s": 200}, WHOLE),
        Case("a clock far ahead", first | {"skew_s": 400}, None, "403 s away from the site's own clock", TickRefused),
        Case("a clock far behind", first | {"skew_s": -400}, None, "397 s away from the site's own clock", TickRefused),
    ]


def list_pace_cases(*, first: dict[str, Any], second: dict[str, Any]) -> list[Case]:
    """Return what holds for sites that do not say beforehand when they have had enough."""
    wait = {"status": 429, "headers": {"Retry-After": "90"}}
    for_good = {"status": 500, "times": 4}
    return [
        Case("too fast", second | {"status": 429}, PART, r"without a time to wait \(page 2\)$", RateLimited),
        Case("told to wait", second | wait, PART, r"too many requests, wait 90 s \(page 2\)$", RateLimited),
        Case("too fast at once", first | {"status": 429}, FAILED, r"without a time to wait \(page 1\)$", RateLimited),
        Case("the first page fails for good", first | for_good, FAILED, "page 1: .*HTTP 500 again", PartUnreachable),
    ]


def list_token_cases(platform: Platform, *, second: dict[str, Any], token: dict[str, Any]) -> list[Case]:
    """Return what holds for sites that are asked with an app token; `token` names the way to it."""
    refused, down = {"status": 401, "times": 2}, {"status": 500, "times": 4}
    return [
        Case("token expired in the middle", second | {"status": 401}, WHOLE),
        Case("every token refused", second | refused, PART, f"airtide_{platform} .page 2.$", CredentialsRejected),
        Case("no token given", token | {"status": 400}, FAILED, "gives no app token.*page 1", CredentialsRejected),
        Case("token server down", token | down, FAILED, f"{token['path'][1:]}.*HTTP 500", PartUnreachable),
    ]


def list_row_cases(second: dict[str, Any]) -> list[Case]:
    """Return what holds for listings whose rows stand in `data`."""
    missing = "missing required field `data` .page 2.$"
    return [
        Case("a list without rows", second | {"remove": ["data"]}, PART, missing, ContractChanged),
        Case("rows of another type", second | {"change": {"data": {}}}, PART, r"`\$.data` .page 2.$", ContractChanged),
    ]
