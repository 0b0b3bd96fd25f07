"""Removes pictures that are older than their platform's policy allows: rows first, then the objects that no row needs.

An object is condemned before it leaves the store, and a run that needs it again claims it before it writes it: the one
waits for the other, object by object. Each step can be repeated, and what a crash leaves is done by the next run.

The store's list is held against the rows: an object that was lost by other means would else be trusted to be there, and
no run would write it again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain

from airtide.domain.clock import Clock
from airtide.domain.models import Platform
from airtide.domain.retention import LOOSE_FOR, ExpiredPictures
from airtide.pipeline.picture_ports import PictureAges, StoredPictures
from airtide.pipeline.retain import slice_up

logger = logging.getLogger(__name__)

_REMOVED_AT_ONCE = 50
"""A run that claims one of them waits until the store has removed them all."""


def retain_pictures(
    platforms: Iterable[Platform], *, ages: PictureAges, store: StoredPictures, clock: Clock, dry_run: bool = False
) -> ExpiredPictures:
    """Remove what is older than the picture age, and what nobody claimed for a day, and note what was lost.

    With `dry_run` only count it.
    """
    outcome = ExpiredPictures()
    for platform in platforms:
        now = clock.now()
        expired = _count(platform, ages, store, now) if dry_run else _expire(platform, ages, store, now)
        said = " ".join(f"{name}={count}" for name, count in expired.to_dict().items())
        logger.info("%s platform=%s %s", "would remove" if dry_run else "removed", platform, said)
        outcome = outcome.add(expired)
    return outcome


def _count(platform: Platform, ages: PictureAges, store: StoredPictures, now: datetime) -> ExpiredPictures:
    rows, objects = ages.count_expired(platform, now=now)
    loose = lost = 0
    for only_held, only_listed in _compare(platform, ages, store, now):
        loose += len(only_held)
        lost += len(only_listed)
    return ExpiredPictures(pictures=rows, picture_objects=objects + loose, loose_pictures=loose, lost_pictures=lost)


def _expire(platform: Platform, ages: PictureAges, store: StoredPictures, now: datetime) -> ExpiredPictures:
    rows = ages.delete_rows(platform, now=now)
    ages.condemn(platform, now=now)
    loose = lost = 0
    for only_held, only_listed in _compare(platform, ages, store, now):
        loose += ages.condemn_loose(platform, only_held, now=now) if only_held else 0
        lost += ages.note_lost(only_listed, now=now) if only_listed else 0
    objects = sum(_remove(platform, ages, store))
    return ExpiredPictures(pictures=rows, picture_objects=objects, loose_pictures=loose, lost_pictures=lost)


def _remove(platform: Platform, ages: PictureAges, store: StoredPictures) -> Iterator[int]:
    while True:
        with ages.remove_condemned(platform, most=_REMOVED_AT_ONCE) as keys:
            for key in keys:
                store.remove(key)
        if not keys:
            return
        yield len(keys)


def _compare(
    platform: Platform, ages: PictureAges, store: StoredPictures, now: datetime
) -> Iterator[tuple[list[str], list[str]]]:
    """Yield what only the store has and what only rows have, some at a time: both are read by key and once.

    What no row lists is of a warehouse that was lost, since a run claims before it writes. What the store does not list
    was removed from it by other means.
    """
    trusted = ages.list_stored(platform, now=now)
    key = next(trusted, None)
    for part in slice_up(store.list_pictures(platform)):
        held = {found.object_key for found in part}
        lost = []
        while key is not None and key <= part[-1].object_key:
            if key not in held:
                lost.append(key)
            key = next(trusted, None)
        old = [found.object_key for found in part if found.written_at < now - LOOSE_FOR]
        yield list(ages.find_unlisted(old)) if old else [], lost
    if key is not None:
        for rest in slice_up(chain([key], trusted)):
            yield [], rest
