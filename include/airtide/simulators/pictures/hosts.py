"""What the hosts answer: a picture, that it has not changed, or what each shows where it has none."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from email.utils import formatdate
from functools import partial
from typing import Final, NamedTuple

from airtide.simulators.answers import Answer, Call, Site, answer_html
from airtide.simulators.pictures.draw import COLOURS, Card, Form, draw_card, draw_placeholder
from airtide.simulators.pictures.find import HOSTS, PICTURES, Finder, Place, read_place
from airtide.simulators.world import Broadcast, World

FIRST_AFTER_S: Final = 120
"""How old a broadcast is when its first picture is there."""
EVERY_S: Final = 240
"""Seconds until the next one."""

_TYPES: Final[dict[Form, str]] = {"JPEG": "image/jpeg", "WEBP": "image/webp"}
_UNCONDITIONAL: Final = "soop"
"""The one host that tells neither a tag nor a time to ask with."""
_STALE: Final = frozenset({"youtube", "kick"})
"""Hosts that go on showing the last picture of a broadcast that is over, unless it is gone from the site."""


class _Shown(NamedTuple):
    """A picture of a broadcast: which of its pictures, and when it was taken."""

    broadcast: Broadcast
    beat: int
    taken_s: int


class PictureHosts:
    """Serves `/{host}/{path}` for the five hosts."""

    def __init__(self, world: World) -> None:
        """Show the world's broadcasts."""
        self._world = world
        self._finder = Finder(world)

    def build_site(self) -> Site:
        """Give the routes."""
        return Site(
            name=PICTURES,
            routes={("GET", f"/{host}/{{path:path}}"): partial(self.show, host) for host in HOSTS},
            page_of=lambda _call: 1,
            fail=lambda _call, status: answer_html(status, "No picture"),
            rows=(),
        )

    def show(self, host: str, call: Call) -> Answer:
        """Answer one address of a host."""
        site = HOSTS[host]
        place = read_place(site, call.path.removeprefix(f"/{host}"))
        if place is None:
            return answer_html(404, "Not found")
        shown = None if place.name is None else self._choose(site, place.name, call.now_s)
        return _show_none(site, place) if shown is None else self._show(site, place, shown, call)

    def _choose(self, site: str, name: str, at_s: int) -> _Shown | None:
        """Choose the picture that a broadcast has at an instant; None if it has none, or there is no such broadcast."""
        broadcast = self._finder.find(site, name, at_s)
        if broadcast is None or (at_s >= broadcast.ended_s and (site not in _STALE or broadcast.vanishes)):
            return None
        first_s = broadcast.started_s + FIRST_AFTER_S
        beat = (min(at_s, broadcast.ended_s - 1) - first_s) // EVERY_S
        return None if beat < 0 else _Shown(broadcast, beat, first_s + beat * EVERY_S)

    def _show(self, site: str, place: Place, shown: _Shown, call: Call) -> Answer:
        broadcast = shown.broadcast
        form: Form = "WEBP" if site == "kick" else "JPEG"
        digest = hashlib.blake2b(f"{site}:{broadcast.broadcast_id}".encode(), digest_size=8).digest()
        headers = {}
        if site != _UNCONDITIONAL:
            tag = f'"{digest.hex()}-{shown.beat}"'
            headers = {"ETag": tag, "Last-Modified": formatdate(shown.taken_s, usegmt=True)}
            if _is_known(call, headers):
                return Answer(body=b"", status=304, content_type=_TYPES[form], headers=headers)
        card = Card(
            width=place.width,
            height=place.height,
            form=form,
            colour=digest[0] % COLOURS,
            beat=shown.beat,
            at_s=shown.taken_s,
            name=broadcast.channel.name,
            title=self._world.scene(site, broadcast, shown.taken_s).title,
        )
        return Answer(body=draw_card(card), content_type=_TYPES[form], headers=headers)


def _is_known(call: Call, headers: dict[str, str]) -> bool:
    """Say whether the caller has the picture; a tag decides, and a time only where none is told."""
    tags = call.headers.get("If-None-Match")
    if tags is not None:
        return headers["ETag"] in (tag.strip() for tag in tags.split(","))
    return call.headers.get("If-Modified-Since") == headers["Last-Modified"]


def _show_none(site: str, place: Place) -> Answer:
    return _NOTHING[site](place)


def _show_grey(place: Place, text: str, status: int) -> Answer:
    return Answer(body=draw_placeholder(text, place.width, place.height), status=status, content_type="image/jpeg")


def _lead_to_404_preview(place: Place) -> Answer:
    """Lead on to the one picture that stands for no preview, and show it there."""
    if place.name is None:
        return _show_grey(place, "offline", 200)
    to = f"https://static-cdn.jtvnw.net/ttv-static/404_preview-{place.width}x{place.height}.jpg"
    return Answer(body=b"", status=302, content_type="text/html; charset=utf-8", headers={"Location": to})


_NOTHING: Final[dict[str, Callable[[Place], Answer]]] = {
    "youtube": lambda _place: _show_grey(Place(None, 120, 90), "…", 404),
    "twitch": _lead_to_404_preview,
    "soop": lambda place: _show_grey(place, "준비 중", 200),
    "chzzk": lambda _place: answer_html(404, "Not Found"),
    "kick": lambda _place: answer_html(404, "NoSuchKey"),
}
