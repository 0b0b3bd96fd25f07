"""Answers that a browser or client can keep: the same content has the same ETag and travels once."""

from __future__ import annotations

from hashlib import blake2b

from fastapi import Request, Response
from pydantic import BaseModel


def tag_content(content: bytes) -> str:
    """Return the weak ETag of `content`; weak, because a proxy may compress what it passes on."""
    return f'W/"{blake2b(content, digest_size=12).hexdigest()}"'


def is_known(request: Request, tag: str) -> bool:
    """Tell whether a client says that it has the content of this ETag, which a proxy on the way may have made weak."""
    known = {told.strip().removeprefix("W/") for told in request.headers.get("if-none-match", "").split(",")}
    return tag.removeprefix("W/") in known or "*" in known


def answer(request: Request, content: bytes, media_type: str, headers: dict[str, str] | None = None) -> Response:
    """Return `content` with its ETag, or 304 without it where the client already has it."""
    tag = tag_content(content)
    headers = {"ETag": tag, **(headers or {})}
    if is_known(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


def answer_json(request: Request, model: BaseModel) -> Response:
    """Return a response model as JSON with its ETag."""
    return answer(request, model.model_dump_json().encode(), "application/json")
