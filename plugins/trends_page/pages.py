"""Serves the page and its files, each through a route so that each asks for a login."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request, Response

from airtide.domain.errors import AirtideError
from airtide.wiring.reads import Reads
from trends_page.answers import answer
from trends_page.security import write_policy

log = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"
MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}

router = APIRouter(include_in_schema=False)


@cache
def list_files() -> dict[str, Path]:
    """Return every file that may be served, by its path under static/: nothing else can be named."""
    return {
        path.relative_to(STATIC).as_posix(): path
        for path in STATIC.rglob("*")
        if path.is_file() and path.suffix in MEDIA_TYPES
    }


def _serve(request: Request, name: str, headers: dict[str, str] | None = None) -> Response:
    path = list_files().get(name)
    if path is None:
        raise HTTPException(404, "There is no such file.")
    return answer(request, path.read_bytes(), MEDIA_TYPES[path.suffix], headers)


def _list_image_origins(request: Request) -> Sequence[str]:
    """Return where else the page takes pictures from; nowhere when that cannot be told, and the page says why."""
    try:
        reads: Reads = request.app.state.load_reads()
        return reads.pictures.list_image_origins(reads.known_platforms)
    except AirtideError as error:
        log.warning("pictures of other origins cannot be shown: %s", error)
        return ()


@router.get("/")
def show_page(request: Request) -> Response:
    """Serve the page."""
    return _serve(request, "index.html", {"Content-Security-Policy": write_policy(_list_image_origins(request))})


@router.get("/static/{name:path}")
def serve_file(request: Request, name: str) -> Response:
    """Serve one file of the page."""
    return _serve(request, name)
