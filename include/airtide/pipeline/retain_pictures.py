"""Removes pictures that are older than their platform's policy allows: rows first, then the objects that no row needs.

An object is condemned before it leaves the store, and a run that needs it again claims it before it writes it: the one
waits for the other, object by object. Each step can be repeated, and what a crash leaves is done by the next run.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime

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
    """Remove what is older than the picture age, and what nobody claimed for a day; with `dry_run` only count it."""
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
    loose = sum(len(part) for part in _find_loose(platform, ages, store, now))
    return ExpiredPictures(pictures=rows, picture_objects=objects + loose, loose_pictures=loose)


def _expire(platform: Platform, ages: PictureAges, store: StoredPictures, now: datetime) -> ExpiredPictures:
    rows = ages.delete_rows(platform, now=now)
    ages.condemn(platform, now=now)
    loose = sum(ages.condemn_loose(platform, part, now=now) for part in _find_loose(platform, ages, store, now))
    objects = sum(_remove(platform, ages, store))
    return ExpiredPictures(pictures=rows, picture_objects=objects, loose_pictures=loose)


def _remove(platform: Platform, ages: PictureAges, store: StoredPictures) -> Iterator[int]:
    while True:
        with ages.remove_condemned(platform, most=_REMOVED_AT_ONCE) as keys:
            for key in keys:
                store.remove(key)
        if not keys:
            return
        yield len(keys)


def _find_loose(platform: Platform, ages: PictureAges, store: StoredPictures, now: datetime) -> Iterator[list[str]]:
    """Yield objects that no row lists: a run claims before it writes, so that they are of a warehouse that was lost."""
    for part in slice_up(store.list_old(platform, before=now - LOOSE_FOR)):
        unlisted = list(ages.find_unlisted(part))
        if unlisted:
            yield unlisted
