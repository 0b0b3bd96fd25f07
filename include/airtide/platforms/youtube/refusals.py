"""YouTube's own error form, read for what to do next."""

from __future__ import annotations

import msgspec

from airtide.domain.errors import AirtideError, QuotaSpent, RateLimited
from airtide.domain.quota import Bucket
from airtide.platforms.access import name_connection
from airtide.platforms.refusals import KeyRefused, Refusal, RequestRefused, read_wait_s

SEARCH_PATH = "/youtube/v3/search"
UPLOADS_PATH = "/youtube/v3/playlistItems"

_SPENT = {"quotaExceeded", "dailyLimitExceeded"}
_TOO_FAST = {"rateLimitExceeded", "userRateLimitExceeded"}
_BAD_KEY = {"keyInvalid", "keyExpired", "accessNotConfigured", "ipRefererBlocked"}
_NOT_SHOWN = {"playlistNotFound", "playlistItemsNotAccessible", "channelClosed", "channelSuspended"}
"""What one channel keeps to itself, or is no more; the key is as good as before."""


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
        # until when, the bucket's own limit tells
        return QuotaSpent(f"{said}: the day's quota of {bucket} is spent", bucket=bucket.value)
    if reasons & _TOO_FAST:
        return RateLimited(f"{said}: too many requests", retry_after_s=read_wait_s(refusal))
    if reasons & _BAD_KEY or (refusal.status in (400, 403) and "API key" in body.message):
        mend = f"the key was refused, mend connection {name_connection(refusal.platform)}"
        return KeyRefused(f"{said}: {mend}", status=refusal.status)
    if reasons & _NOT_SHOWN or ("forbidden" in reasons and refusal.request.endswith(UPLOADS_PATH)):
        return RequestRefused(f"{said}: the site does not show this")
    return None
