"""Faults on request: the next calls of a kind fail in a given way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from email.utils import formatdate
from http import HTTPStatus
from typing import Annotated, Any, Final

import msgspec

from airtide.simulators.answers import Answer, Call, Handler, Refusal, Site, answer_html, answer_json
from airtide.simulators.pictures.draw import draw_bomb
from airtide.simulators.pictures.find import PICTURES

_WAYS: Final = (
    "status",
    "delay_s",
    "html",
    "truncate",
    "change",
    "remove",
    "empty",
    "repeat",
    "skew_s",
    "drip_s",
    "endless",
    "huge",
    "reset",
    "redirect",
    "bomb",
)
_OF_LISTINGS: Final = ("page", "change", "remove", "empty")
_STATUSES: Final = frozenset(HTTPStatus)


class Fault(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which calls fail, how, and how often; exactly one of the ways is given."""

    site: str
    path: str | None = None
    """Path on the real host, such as /helix/streams; of a picture its host or all of it; any when left out."""
    page: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Page of the listing; any when left out."""
    times: Annotated[int, msgspec.Meta(ge=1)] = 1
    status: Annotated[int, msgspec.Meta(ge=400, le=599)] | None = None
    """Answer with this error, in the site's own words."""
    delay_s: Annotated[float, msgspec.Meta(gt=0, le=120)] | None = None
    """Answer as usual, but only after this time."""
    html: bool = False
    """Answer with a web page and status 200."""
    truncate: bool = False
    """Answer with the first half of the usual body."""
    change: dict[str, Any] = {}
    """Answer with the usual JSON, but with these members in it."""
    remove: list[str] = []
    """Answer with the usual JSON without these members."""
    empty: bool = False
    """Answer as usual, but with no row in the list, and as if there were more pages."""
    repeat: bool = False
    """Give the last answer of this path once more, whatever is asked for."""
    skew_s: Annotated[int, msgspec.Meta(ge=-31_622_400, le=31_622_400)] = 0
    """Answer, and date the answer, as of so many seconds later, or earlier when negative."""
    drip_s: Annotated[float, msgspec.Meta(gt=0, le=120)] | None = None
    """Send the usual body byte by byte, with this pause before each."""
    endless: bool = False
    """Send blanks after the usual body until the caller goes."""
    huge: Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)] | None = None
    """Send blanks after the usual body until it is so many bytes long."""
    reset: bool = False
    """Break the connection off after half of the usual body."""
    redirect: Annotated[str, msgspec.Meta(min_length=1)] | None = None
    """Lead the caller to this address."""
    bomb: bool = False
    """Answer with a picture of a few bytes that is gigantic once it is decoded."""
    bare: bool = False
    """Leave the headers away with which the site itself words an error."""
    headers: dict[str, str] = {}
    """Set on the response in any case."""
    body: Any = None
    """Sent as JSON instead of the site's own words for the status."""

    def __post_init__(self) -> None:
        """Refuse a fault that does nothing, or two things."""
        chosen = [way for way in _WAYS if getattr(self, way)]
        if len(chosen) != 1:
            message = f"give exactly one of {', '.join(_WAYS)}"
            raise ValueError(message)
        if self.status and self.status not in _STATUSES:
            message = f"{self.status} is no HTTP status"
            raise ValueError(message)

    def apply(self, site: Site, call: Call, handle: Handler, last: Answer | None) -> Answer:
        """Answer a call as this fault demands; `handle` gives the usual answer, `last` was given before on this path.

        A delay, and a body that is sent badly, are the caller's to see to.
        """
        if self.status is not None:
            failed = site.fail(call, self.status) if self.body is None else answer_json(self.body, self.status)
            own = {} if self.bare else failed.headers
            return replace(failed, headers={**own, **self.headers})
        answer = self._answer(site, call, handle, last)
        return replace(answer, headers={**answer.headers, **self.headers})

    def _answer(self, site: Site, call: Call, handle: Handler, last: Answer | None) -> Answer:
        if self.html:
            return answer_html(200, "Checking your browser")
        if self.redirect is not None:
            return replace(answer_html(302, "Found"), headers={"Location": self.redirect})
        if self.bomb:
            return Answer(body=draw_bomb(), content_type="image/png")
        if self.repeat and last is not None:
            return last
        if self.skew_s:
            skewed = handle(replace(call, now_ms=call.now_ms + 1000 * self.skew_s))
            date = formatdate(call.now_s + self.skew_s, usegmt=True)
            return replace(skewed, headers={**skewed.headers, "Date": date})
        answer = handle(call)
        return replace(answer, body=self._spoil(site, answer.body))

    def _spoil(self, site: Site, body: bytes) -> bytes:
        if self.truncate:
            return body[: len(body) // 2]
        if not (self.change or self.remove or self.empty):
            return body
        content = msgspec.json.decode(body, type=dict[str, Any]) | self.change
        content = {name: value for name, value in content.items() if name not in self.remove}
        if self.empty:
            *parents, rows = site.rows
            holder = content
            for parent in parents:
                holder = holder[parent]
            holder[rows] = []
        return msgspec.json.encode(content)


class FaultBook:
    """The faults that are still to happen, oldest first."""

    def __init__(self) -> None:
        """Begin without any."""
        self._waiting: list[Fault] = []
        self._last: dict[tuple[str, str], Answer] = {}

    def add(self, request: bytes, sites: Sequence[str]) -> Fault:
        """Add the fault that a JSON text describes, for one of `sites`.

        Raises:
            msgspec.DecodeError: the text is not JSON, or describes no fault; its message says where.
        """
        fault = msgspec.json.decode(request, type=Fault)
        if fault.site not in sites:
            message = f"Expected one of {', '.join(sites)} - at `$.site`"
            raise msgspec.ValidationError(message)
        meaningless = [name for name in _OF_LISTINGS if getattr(fault, name)]
        if fault.site == PICTURES and meaningless:
            message = f"a picture has no {meaningless[0]} - at `$.{meaningless[0]}`"
            raise msgspec.ValidationError(message)
        self._waiting.append(fault)
        return fault

    def clear(self, site: str | None = None) -> None:
        """Forget those of one site, or all."""
        self._waiting = [fault for fault in self._waiting if site is not None and fault.site != site]

    def remember(self, site: Site, path: str, answer: Answer) -> Answer:
        """Keep an answer until the next one of this path, for a fault that repeats it; give it back."""
        self._last[site.name, path] = answer
        return answer

    def recall(self, site: Site, path: str) -> Answer | None:
        """Give the last answer of this path, if there was one."""
        return self._last.get((site.name, path))

    def list_waiting(self) -> list[Fault]:
        """List them with the times that are left."""
        return list(self._waiting)

    def take(self, site: Site, path: str, call: Call) -> Fault | None:
        """Take the first fault that fits a call, once; None if there is none."""
        for fault in self._waiting:
            fits = fault.site == site.name and fault.path in (None, path, call.path)
            if fits and _is_page(fault, site, call):
                fault.times -= 1
                if not fault.times:
                    self._waiting.remove(fault)
                return fault
        return None


def _is_page(fault: Fault, site: Site, call: Call) -> bool:
    if fault.page is None:
        return True
    try:
        return site.page_of(call) == fault.page
    except Refusal:
        return False
