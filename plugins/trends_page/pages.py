"""Serves the page and its files, each through a route so that each asks for a login."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request, Response

from trends_page.answers import answer

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


def _serve(request: Request, name: str) -> Response:
    path = list_files().get(name)
    if path is None:
        raise HTTPException(404, "There is no such file.")
    return answer(request, path.read_bytes(), MEDIA_TYPES[path.suffix])


@router.get("/")
def show_page(request: Request) -> Response:
    """Serve the page."""
    return _serve(request, "index.html")


@router.get("/static/{name:path}")
def serve_file(request: Request, name: str) -> Response:
    """Serve one file of the page."""
    return _serve(request, name)
