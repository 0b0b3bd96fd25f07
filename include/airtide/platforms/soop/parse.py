"""SOOP's broadcast records to snapshots; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from airtide.domain.models import Snapshot
from airtide.platforms.fields import FieldWatch
from airtide.platforms.korean_time import parse_korean_time
from airtide.platforms.parsing import RecordParser
from airtide.platforms.records import (
    Id,
    Observation,
    clean_picture_url,
    parse_count,
    quote_id,
)

ADULT_GRADE = "19"
LOCKED_FLAG = "locked"
"""The room needs a password."""


class BroadRecord(msgspec.Struct, frozen=True, gc=False):
    """One entry of `broad`, with the fields that are used of it; the site writes every value as text."""

    broad_no: Id
    user_id: Id
    total_view_cnt: str
    broad_start: str
    user_nick: str | None = None
    broad_title: str | None = None
    broad_cate_no: str | None = None
    broad_thumb: str | None = None
    broad_grade: str | None = None
    is_password: str | None = None


class BroadPage(msgspec.Struct, frozen=True):
    """The envelope of a page, or of the site's own error (`result` not positive); records stay undecoded."""

    broad: list[msgspec.Raw] | None = None
    total_cnt: int = 0
    page_block: int = 0
    result: int | None = None
    msg: str | None = None


class CategoryBranch(msgspec.Struct, frozen=True):
    """One category and those under it."""

    cate_no: str
    cate_name: str
    child: tuple[CategoryBranch, ...] = ()


class CategoryTree(msgspec.Struct, frozen=True):
    """The envelope of the category list."""

    broad_category: tuple[CategoryBranch, ...]


BROAD_FIELDS = FieldWatch(BroadRecord, ignored=("broad_bps", "broad_resolution", "profile_img", "visit_broad_type"))
"""How a broadcast is sent, and the picture of its channel, are of no use here."""


def _observe(record: BroadRecord, observation: Observation) -> Snapshot:
    """Return the snapshot of one broadcast record; raises `BadRecord` with the field that is wrong."""
    broadcast_id = record.broad_no
    channel_id = record.user_id
    viewers = parse_count("total_view_cnt", record.total_view_cnt)
    channel_handle = record.user_id
    channel_name = record.user_nick or None
    title = record.broad_title or None
    category_id = record.broad_cate_no or None
    category_name = observation.name_category(category_id)
    started_at = parse_korean_time("broad_start", record.broad_start)
    thumbnail_url = clean_picture_url(record.broad_thumb)
    watch_url = f"https://play.sooplive.com/{quote_id(record.user_id)}/{quote_id(record.broad_no)}"
    is_mature = None if not record.broad_grade else record.broad_grade == ADULT_GRADE
    flags = (LOCKED_FLAG,) if record.is_password in ("1", "Y") else ()
    return Snapshot(
        observation.platform,
        observation.sweep_id,
        observation.sampled_at,
        observation.fetched_at,
        broadcast_id,
        channel_id,
        viewers,
        observation.cadence_s,
        channel_handle,
        channel_name,
        title,
        category_id,
        category_name,
        None,  # language
        started_at,
        None,  # ended_at
        thumbnail_url,
        watch_url,
        is_mature,
        (),
        flags,
    )


BROADS = RecordParser(BroadRecord, _observe)


def name_categories(tree: CategoryTree) -> dict[str, str]:
    """Return category names by id, of all levels of the tree."""
    return {branch.cate_no: branch.cate_name for branch in _walk(tree.broad_category)}


def _walk(branches: Iterable[CategoryBranch]) -> Iterator[CategoryBranch]:
    for branch in branches:
        yield branch
        yield from _walk(branch.child)
