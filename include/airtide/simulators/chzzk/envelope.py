"""The envelope of every answer, and the errors that come in it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final, NoReturn

from airtide.simulators.answers import Answer, Call, Refusal, answer_json

STALE_CURSOR: Final = "잘못된 next 값입니다."

_NAMES: Final = {401: "INVALID_CLIENT", 404: "NOT_FOUND", 429: "TOO_MANY_REQUESTS", 500: "INTERNAL_SERVER_ERROR"}


def wrap(content: Any) -> Answer:
    """Answer with a content."""
    return answer_json({"code": 200, "message": None, "content": content})


def word_error(status: int, message: str | None = None) -> Answer:
    """Word an error; its message is the name of the status unless another is given."""
    name = _NAMES.get(status) or HTTPStatus(status).name
    return answer_json({"code": status, "message": message or name, "content": None}, status)


def word_fault(_call: Call, status: int) -> Answer:
    """Word an error that was asked for: a 400 is the one that a list is known to give."""
    return word_error(status, STALE_CURSOR if status == 400 else None)


def refuse(status: int, message: str | None = None) -> NoReturn:
    """Refuse a call."""
    raise Refusal(word_error(status, message))
