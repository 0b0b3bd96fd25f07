"""YouTube's own error form, read for what to do next."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from airtide.domain.errors import AirtideError, QuotaSpent, RateLimited
from airtide.domain.quota import Bucket
from airtide.platforms.access import name_connection
from airtide.platforms.refusals import KeyRefused, Refusal, read_wait_s

QUOTA_ZONE = ZoneInfo("America/Los_Angeles")
"""Daily quotas begin anew at this zone's midnight."""

SEARCH_PATH = "/youtube/v3/search"

_SPENT = {"quotaExceeded", "dailyLimitExceeded"}
_TOO_FAST = {"rateLimitExceeded", "userRateLimitExceeded"}
_BAD_KEY = {"keyInvalid", "keyExpired", "accessNotConfigured", "ipRefererBlocked"}


class ErrorDetail(msgspec.Struct, frozen=True):
    """One of the reasons."""

    reason: str = ""


class ErrorBody(msgspec.Struct, frozen=True):
    """What is wrong."""

    message: str = ""
    errors: list[ErrorDetail] = []


class ErrorAnswer(msgspec.Struct, frozen=True):
    """The envelope of an error."""

    error: ErrorBody


_ERRORS = msgspec.json.Decoder(ErrorAnswer)


def read_youtube_refusal(refusal: Refusal) -> AirtideError | None:
    """Return the error that YouTube names; None where its answer says no more than the HTTP status.

    A spent search bucket answers 429 like a burst and is told from it by the words "per day".
    """
    try:
        body = _ERRORS.decode(refusal.body).error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    reasons = {detail.reason for detail in body.errors}
    said = f"youtube: {refusal.request} was answered with HTTP {refusal.status}"
    if reasons & _SPENT or (reasons & _TOO_FAST and "per day" in body.message):
        bucket = Bucket.YOUTUBE_SEARCH if refusal.request.endswith(SEARCH_PATH) else Bucket.YOUTUBE_UNITS
        resets_at = find_quota_reset(refusal.received_at)
        spent = f"the day's quota of {bucket} is spent until {resets_at:%Y-%m-%dT%H:%M:%SZ}"
        return QuotaSpent(f"{said}: {spent}", bucket=bucket.value, resets_at=resets_at)
    if reasons & _TOO_FAST:
        return RateLimited(f"{said}: too many requests", retry_after_s=read_wait_s(refusal))
    if reasons & _BAD_KEY or (refusal.status == 400 and "API key" in body.message):
        mend = f"the key was refused, mend connection {name_connection(refusal.platform)}"
        return KeyRefused(f"{said}: {mend}", status=refusal.status)
    return None


def find_quota_reset(moment: datetime) -> datetime:
    """Return the next midnight of the Pacific coast after `moment`, in UTC."""
    tomorrow = moment.astimezone(QUOTA_ZONE).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), tzinfo=QUOTA_ZONE).astimezone(UTC)
