"""How YouTube words its errors."""

from __future__ import annotations

from typing import Any, Final, NoReturn

from airtide.simulators.answers import Answer, Call, answer_json, refuse_json

_REASONS: Final = {
    400: ("global", "badRequest", "Bad Request"),
    403: (
        "youtube.quota",
        "quotaExceeded",
        'The request cannot be completed because you have exceeded your <a href="/youtube/v3/getting-started#quota">'
        "quota</a>.",
    ),
    429: ("global", "rateLimitExceeded", "Too many requests in a short time. Please try again later."),
    500: ("global", "internalError", "Internal error encountered."),
    503: ("global", "backendError", "The service is currently unavailable."),
}
_SEARCHES_SPENT: Final = (
    "Quota exceeded for quota metric 'Search Queries' and limit 'Search Queries per day' of service "
    "'youtube.googleapis.com' for consumer 'project_number:100000000000'."
)


UNKNOWN_PAGE: Final = "The request specifies an invalid page token."


def refuse(status: int, reason: str, message: str, domain: str = "youtube.parameter") -> NoReturn:
    """Refuse a call."""
    refuse_json(_word(status, domain, reason, message), status)


def check_key(call: Call, api_key: str) -> None:
    """Refuse a call without the API key, in a header or in the query, or with another one."""
    given = call.headers.get("X-Goog-Api-Key") or call.params.get("key")
    if not given:
        refuse(403, "forbidden", "The request is missing a valid API key.", domain="global")
    if given != api_key:
        message = "API key not valid. Please pass a valid API key."
        body = _word(400, "global", "badRequest", message)
        body["error"] |= {
            "status": "INVALID_ARGUMENT",
            "details": [
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": "API_KEY_INVALID",
                    "domain": "googleapis.com",
                    "metadata": {"service": "youtube.googleapis.com"},
                }
            ],
        }
        refuse_json(body, 400)


def word_fault(call: Call, status: int, *, searching: bool) -> Answer:
    """Word an error that was asked for.

    A 403 is a spent day of units, a 429 on a search a spent day of searches, a 400 on a later page a token gone stale.
    """
    domain, reason, message = _REASONS.get(status, ("global", "backendError", "Error"))
    if status == 400 and "pageToken" in call.params:
        domain, reason, message = "youtube.parameter", "invalidPageToken", UNKNOWN_PAGE
    if status == 429 and searching:
        message = _SEARCHES_SPENT
    body = _word(status, domain, reason, message)
    if status == 429:
        body["error"]["status"] = "RESOURCE_EXHAUSTED"
    return answer_json(body, status)


def _word(status: int, domain: str, reason: str, message: str) -> dict[str, Any]:
    error = {"message": message, "domain": domain, "reason": reason}
    return {"error": {"code": status, "message": message, "errors": [error]}}
