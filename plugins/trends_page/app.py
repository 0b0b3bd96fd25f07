"""The application under /airtide: page and API, every route behind Airflow's login."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from fastapi import Depends, FastAPI

from airtide.wiring.reads import Reads, open_reads
from trends_page import api, pages
from trends_page.errors import add_error_handlers
from trends_page.security import GuardHeaders, require_login


def create_app(load_reads: Callable[[], Reads] = open_reads) -> FastAPI:
    """Return the application; `load_reads` is called at the first request and again for as long as it raises."""
    # an application's dependencies cover its routes only: its own documentation and mounts would stay open
    app = FastAPI(
        title="Airtide Viewer Trends",
        version="1",
        dependencies=[Depends(require_login)],
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.load_reads = cache(load_reads)
    app.add_middleware(GuardHeaders)
    add_error_handlers(app)
    app.include_router(pages.router)
    app.include_router(api.router)
    return app
