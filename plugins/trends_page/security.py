"""Who may look: the one module that touches Airflow's internal API, to be tested at every upgrade of Airflow."""

from __future__ import annotations

from collections.abc import Iterable

from airflow.api_fastapi.auth.managers.models.resource_details import AccessView
from airflow.api_fastapi.core_api.security import requires_access_view
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response

require_login = requires_access_view(AccessView.PLUGINS)
"""The dependency of every route: 401 without a login, 403 for a user who may not see plugins."""


def write_policy(image_origins: Iterable[str] = ()) -> str:
    """Return what a browser may load for an answer: from here alone, but for pictures of some other origins."""
    images = " ".join(["'self'", "data:", *image_origins])
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src {images}; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
    )


_HEADERS = {
    "Content-Security-Policy": write_policy(),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    # what is shown may only be kept by the browser of the one who is logged in, and is asked for again each time
    "Cache-Control": "private, no-cache",
    "Vary": "Cookie, Authorization",
}


class GuardHeaders(BaseHTTPMiddleware):
    """Adds to every answer, also to refusals, what a browser may do with it."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Answer as the application does, with the headers on top."""
        response = await call_next(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response
