"""SOOP's public listing: strings for numbers, addresses without a scheme, local times without a zone."""

from __future__ import annotations

import re
from typing import Any, Final, NoReturn

from airtide.simulators.answers import Answer, Call, Site, answer_html, answer_json, refuse_json
from airtide.simulators.clock import format_kst
from airtide.simulators.world import Live, World
from airtide.simulators.world.traits import SOOP, Category

PAGE_ROWS: Final = 60

_CALLBACK: Final = re.compile(r"[A-Za-z_$][\w$.]*")
_LOCKED_SHARE: Final = 0.01
_ADULT_SHARE: Final = 0.05


class SoopSimulator:
    """Serves `/broad/list` and `/broad/category/list`."""

    def __init__(self, world: World, client_id: str) -> None:
        """Show the world's SOOP channels to callers with this client id."""
        self._world = world
        self._client_id = client_id

    def build_site(self) -> Site:
        """Give the routes."""
        return Site(
            name="soop",
            routes={
                ("GET", "/broad/list"): self.list_broadcasts,
                ("GET", "/broad/category/list"): self.list_categories,
            },
            page_of=_read_page_no,
            fail=_fail,
            rows=("broad",),
        )

    def list_broadcasts(self, call: Call) -> Answer:
        """Answer one page of the live list, by viewers or by start."""
        self._authorise(call)
        page_no = _read_page_no(call)
        rows = self._select(call)
        order = call.params.get("order_type", "view_cnt")
        if order == "broad_start":
            rows.sort(key=lambda live: -live.broadcast.started_s)
        elif order != "view_cnt":
            _refuse("order_type must be view_cnt or broad_start")
        page = rows[(page_no - 1) * PAGE_ROWS : page_no * PAGE_ROWS]
        return _wrap(
            call,
            {
                "total_cnt": len(rows),
                "page_no": page_no,
                "page_block": PAGE_ROWS,
                "time": call.now_s,
                "broad": [self._render(live, call.now_s) for live in page],
            },
        )

    def list_categories(self, call: Call) -> Answer:
        """Answer the tree of categories."""
        self._authorise(call)
        roots = [category for category in SOOP.categories if not category.parent_id]
        tree = [
            _render_category(root)
            | {"child": [_render_category(leaf) for leaf in SOOP.categories if leaf.parent_id == root.category_id]}
            for root in roots
        ]
        return _wrap(call, {"broad_category": tree})

    def _authorise(self, call: Call) -> None:
        if call.params.get("client_id") != self._client_id:
            _refuse("client_id is missing or not registered")

    def _select(self, call: Call) -> list[Live]:
        """List what is live, in one category (or one of its children) if the call names any."""
        rows = self._world.live("soop", call.now_s)
        wanted = call.params.get("select_value")
        if not wanted or call.params.get("select_key") != "cate":
            return list(rows)
        return [live for live in rows if wanted in self._category_path(live, call.now_s)]

    def _category_path(self, live: Live, at_s: int) -> tuple[str, str]:
        category = self._world.scene("soop", live.broadcast, at_s).category
        return category.category_id, category.parent_id

    def _render(self, live: Live, at_s: int) -> dict[str, str]:
        broadcast, channel = live.broadcast, live.broadcast.channel
        scene = self._world.scene("soop", broadcast, at_s)
        login = channel.channel_id
        adult = self._world.roll("soop", "adult", channel.index) < _ADULT_SHARE
        locked = self._world.roll("soop", "locked", channel.index, broadcast.day) < _LOCKED_SHARE
        return {
            "broad_title": scene.title,
            "visit_broad_type": "0",
            "is_password": "1" if locked else "0",
            "broad_cate_no": scene.category.category_id,
            "broad_no": broadcast.broadcast_id,
            "user_id": login,
            "user_nick": channel.name,
            "profile_img": f"//profile.img.sooplive.com/LOGO/{login[:2]}/{login}/{login}.jpg",
            "broad_thumb": f"//liveimg.sooplive.com/m/{broadcast.broadcast_id}",
            "broad_start": format_kst(broadcast.started_s),
            "broad_grade": "19" if adult else "0",
            "broad_bps": "8000",
            "broad_resolution": "1920x1080",
            "total_view_cnt": str(live.viewers),
        }


def _render_category(category: Category) -> dict[str, str]:
    return {"cate_no": category.category_id, "cate_name": category.name}


def _read_page_no(call: Call) -> int:
    text = call.params.get("page_no", "1")
    if not text.isdecimal() or int(text) < 1:
        _refuse("page_no must be a whole number from 1")
    return int(text)


def _wrap(call: Call, content: Any) -> Answer:
    """Answer with JSON, or with a script that calls the named function, as old web pages asked for it."""
    answer = answer_json(content)
    callback = call.params.get("callback")
    if callback is None:
        return answer
    if not _CALLBACK.fullmatch(callback):
        _refuse("callback must be the name of a function")
    script = callback.encode() + b"(" + answer.body + b");"
    return Answer(body=script, content_type="application/javascript; charset=UTF-8")


def _refuse(message: str) -> NoReturn:
    """Refuse as this site does: with status 200 and a negative result."""
    refuse_json({"result": -1, "msg": message}, status=200)


def _fail(_call: Call, status: int) -> Answer:
    if status >= 500:
        return answer_html(status, "Service unavailable")
    return answer_json({"result": -1, "msg": "request refused"}, status=status)
