"""A request and a response as the sites see them, apart from the web framework."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeAlias

import msgspec
from starlette.datastructures import Headers, QueryParams

JSON_TYPE = "application/json; charset=UTF-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request to a site, at one instant of the world."""

    params: QueryParams
    headers: Headers
    form: Mapping[str, str]
    now_ms: int
    path: str
    """On the real host; of a picture with its host in front."""

    @property
    def now_s(self) -> int:
        """The instant in whole seconds."""
        return self.now_ms // 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One response."""

    body: bytes
    status: int = 200
    content_type: str = JSON_TYPE
    headers: Mapping[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """Ends the handling of a call with an error response."""

    def __init__(self, answer: Answer) -> None:
        """Carry the response."""
        super().__init__(answer.status, answer.body)
        self.answer = answer


Handler: TypeAlias = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One simulated site."""

    name: str
    routes: Mapping[tuple[str, str], Handler]
    """By method and path, as on the real host."""
    page_of: Callable[[Call], int]
    """Says which page of a listing a call asks for, from 1."""
    fail: Callable[[Call, int], Answer]
    """Words an error of a given status as this site does, for a fault that was asked for."""
    rows: tuple[str, ...] = ("data",)
    """Where the rows of a listing stand in its answer."""


def answer_json(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Answer with JSON."""
    return Answer(body=msgspec.json.encode(content), status=status, headers=headers or {})


def refuse_json(content: Any, status: int, headers: Mapping[str, str] | None = None) -> NoReturn:
    """Refuse a call with JSON."""
    raise Refusal(answer_json(content, status, headers))


def answer_html(status: int, title: str) -> Answer:
    """Answer with an error page, as proxies in front of the sites do."""
    page = f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return Answer(body=page.encode(), status=status, content_type="text/html; charset=utf-8")
