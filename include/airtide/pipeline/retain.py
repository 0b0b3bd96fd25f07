"""Removes raw data that is older than its platform's policy allows, from every store that holds it.

Each step can be repeated, and what a crash leaves is done by the next run. An object is retired in the ledger before it
leaves the store, and its row goes last: readers of the ledger never meet an object that is gone.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import TypeVar

from airtide.domain.clock import Clock
from airtide.domain.models import Platform
from airtide.domain.retention import LOOSE_FOR, Expired, FoundObject
from airtide.pipeline.keeping import RawLedger, RawStore

logger = logging.getLogger(__name__)

_AT_ONCE = 500

_T = TypeVar("_T")


def enforce_retention(
    platforms: Iterable[Platform], *, ledger: RawLedger, store: RawStore, clock: Clock, dry_run: bool = False
) -> Expired:
    """Remove what is older than the raw age, and what no ledger lists; with `dry_run` only count it."""
    outcome = Expired()
    for platform in platforms:
        now = clock.now()
        before = now - ledger.read_raw_age(platform)
        if dry_run:
            loose = len(_find_loose(platform, ledger, store, before, now))
            expired = replace(ledger.count_expired(platform, before=before, now=now), loose_objects=loose)
        else:
            expired = _expire(platform, ledger, store, before, now)
        said = " ".join(f"{name}={count}" for name, count in expired.to_dict().items())
        logger.info("%s platform=%s before=%s %s", "would remove" if dry_run else "removed", platform, before, said)
        outcome = outcome.add(expired)
    return outcome


def _expire(platform: Platform, ledger: RawLedger, store: RawStore, before: datetime, now: datetime) -> Expired:
    leaves = ledger.find_expired_leaves(platform, before=before)
    dropped = sum(ledger.drop_leaf(platform, leaf) for leaf in leaves)
    expired = replace(ledger.delete_expired(platform, before=before), leaves=dropped, busy_leaves=len(leaves) - dropped)
    retired = ledger.retire_expired(platform, before=before, now=now)
    loose = _find_loose(platform, ledger, store, before, now)
    condemned = sum(ledger.condemn(platform, part, now=now) for part in slice_up(loose))
    removed = sum(_remove_retired(platform, ledger, store, before, now))
    return replace(expired, retired_objects=retired, removed_objects=removed, loose_objects=condemned)


def _remove_retired(
    platform: Platform, ledger: RawLedger, store: RawStore, before: datetime, now: datetime
) -> Iterator[int]:
    while keys := ledger.find_removable(platform, before=before, now=now, limit=_AT_ONCE):
        for key in keys:
            store.remove(key)
        ledger.forget_objects(keys)
        yield len(keys)


def _find_loose(
    platform: Platform, ledger: RawLedger, store: RawStore, before: datetime, now: datetime
) -> list[FoundObject]:
    """Return objects that no ledger lists and that nothing will list any more.

    A batch that was planned before the object was written may still list it. More unlisted objects than listed ones
    are no leftovers but a ledger that was lost: they stay for a rebuild, as long as their age allows.
    """
    written_before = now - LOOSE_FOR
    if ledger.has_planned_since(platform, written_before):
        return []
    old = (found for found in store.list_objects(platform) if found.written_at < written_before)
    loose: list[FoundObject] = []
    seen = 0
    for part in slice_up(old):
        seen += len(part)
        loose += ledger.find_unlisted(part)
    if len(loose) <= seen - len(loose):
        return loose
    kept = [found for found in loose if found.ends_at > before]
    if kept:
        logger.warning(
            "kept platform=%s objects=%s: the ledger lists fewer than the store holds; was it lost? rebuild it, or "
            "remove them by hand",
            platform,
            len(kept),
        )
    return [found for found in loose if found.ends_at <= before]


def slice_up(objects: Iterable[_T]) -> Iterator[list[_T]]:
    """Yield all of them, some at a time."""
    rest = iter(objects)
    while part := list(islice(rest, _AT_ONCE)):
        yield part
