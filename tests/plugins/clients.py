"""The page's application for tests, and clients of it: strangers and signed in."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

with warnings.catch_warnings():
    # starlette asks for a newer HTTP client than Airflow's requirements hold
    warnings.simplefilter("ignore")
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

if TYPE_CHECKING:
    from airtide.wiring.reads import Reads


def build_client(app: FastAPI) -> TestClient:
    """Return a client that sees what a browser would: refusals as answers, not as exceptions."""
    return TestClient(app, raise_server_exceptions=False)


def build_signed_in_app(reads: Reads) -> FastAPI:
    """Return the application for which Airflow's question who is there has been answered."""
    from trends_page.app import create_app
    from trends_page.security import require_login

    app = create_app(lambda: reads)
    app.dependency_overrides[require_login] = lambda: None
    return app


def build_signed_in_client(reads: Reads) -> TestClient:
    """Return a client of the application that somebody is signed in to."""
    return build_client(build_signed_in_app(reads))


def build_page_app(reads: Reads, *, prefix: str) -> FastAPI:
    """Return an application that holds the signed-in one where Airflow would, under a prefix of its own."""
    root = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    root.mount(f"{prefix}/airtide", build_signed_in_app(reads))
    return root
