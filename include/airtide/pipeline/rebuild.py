"""Lands days again from the lake's objects alone: into an empty warehouse, or what is missing into another.

The code that arranges and writes is the landing's own, and so is the order, so that of two samples of one key the same
one stays. An object is listed after its rows are written: broken off and run again, a rebuild goes on where it stopped.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from airtide.domain.batches import SNAPSHOTS, Batch, OffsetRange, ReadBatch
from airtide.domain.clock import Clock
from airtide.domain.landed import BroadcastColumns, LandedRows, SampleColumns
from airtide.domain.models import Platform
from airtide.domain.rebuilding import BrokenObject, RebuildOutcome, WholeObject, order_objects
from airtide.domain.spans import Span, count_offsets, join_spans, subtract_spans
from airtide.pipeline.arrange import Arranger
from airtide.pipeline.keeping import RebuildLedger, WrittenLake

logger = logging.getLogger(__name__)


def rebuild_range(
    platform: Platform,
    days: Iterable[date],
    *,
    lake: WrittenLake,
    ledger: RebuildLedger,
    clock: Clock,
    dry_run: bool = True,
) -> RebuildOutcome:
    """Land what the objects of these UTC days hold and the warehouse does not; with `dry_run` only count it.

    Nothing that has landed is changed, and nothing that has expired is brought back. Raises what the ports raise.
    """
    rebuild = _Rebuild(platform, lake, ledger, clock.now(), dry_run)
    for day in sorted(days):
        rebuild.take_day(day)
    if not dry_run:
        lost = ledger.settle_rebuild(platform, now=clock.now())
        rebuild.outcome = replace(rebuild.outcome, lost=lost)
    said = " ".join(f"{name}={value}" for name, value in rebuild.outcome.to_dict().items())
    logger.info("%s platform=%s %s", "would rebuild" if dry_run else "rebuilt", platform, said)
    return rebuild.outcome


class _Rebuild:
    """One run: what it did, and which messages are there by now."""

    def __init__(
        self, platform: Platform, lake: WrittenLake, ledger: RebuildLedger, now: datetime, dry_run: bool
    ) -> None:
        raw_age = ledger.read_raw_age(platform)
        self.outcome = RebuildOutcome()
        self._platform = platform
        self._lake = lake
        self._ledger = ledger
        self._now = now
        self._before = now - raw_age
        self._dry_run = dry_run
        self._landed = dict(ledger.read_landed(platform))
        self._lives: dict[str, list[str]] = {}
        self._arranger = Arranger(platform, ledger.find_collisions, raw_age)

    def take_day(self, day: date) -> None:
        """Take up what a day's objects hold that is not there yet."""
        whole: list[WholeObject] = []
        for found in self._lake.find_objects(self._platform, day.isoformat()):
            self._count(objects=1)
            if isinstance(found, BrokenObject):
                logger.warning("broken object=%s: %s", found.object_key, found.reason)
                self.outcome = replace(self.outcome, broken=[*self.outcome.broken, found.object_key])
            elif found.stored.max_sampled_at < self._before:
                self._count(expired=1)
            else:
                whole.append(found)
        for item in order_objects(whole):
            self._take(item)

    def _take(self, item: WholeObject) -> None:
        new = {
            number: left
            for number, spans in item.spans.items()
            if (left := subtract_spans(spans, self._landed.get((item.topic, item.topic_id, number), ())))
        }
        if not new:
            self._count(known=1)
            return
        if not self._dry_run:
            self._land(item, new)
        for number, spans in new.items():
            place = (item.topic, item.topic_id, number)
            self._landed[place] = join_spans([*self._landed.get(place, ()), *spans])
        self._count(messages=sum(count_offsets(spans) for spans in new.values()))

    def _land(self, item: WholeObject, new: Mapping[int, Sequence[Span]]) -> None:
        lives = self._lives.setdefault(item.topic, [])
        if item.topic_id not in lives:
            lives.append(item.topic_id)
        stored = item.stored if new == item.spans else self._lake.write_part(item, new)
        batch = self._ledger.begin_rebuild(self._platform, {item.topic: item.topic_id}, now=self._now)
        for rows in self._read_rows(batch, stored.object_key, stored.kind):
            counts = self._ledger.land_rows(batch, rows, now=self._now)
            self._count(samples=counts.samples, sweeps=counts.sweeps)
        ranges = [
            OffsetRange(topic=item.topic, topic_partition=number, start_offset=start, end_offset=end)
            for number, spans in sorted(new.items())
            for start, end in spans
        ]
        earlier_ids = lives[: lives.index(item.topic_id)]
        self._ledger.finish_rebuild(replace(batch, ranges=ranges), stored, earlier_ids=earlier_ids, now=self._now)

    def _read_rows(self, batch: Batch, object_key: str, kind: str) -> Iterable[LandedRows]:
        if kind == SNAPSHOTS:
            for snapshots in self._lake.read_snapshots(object_key):
                read = ReadBatch(snapshots=snapshots, sweeps=(), dead_letters=())
                yield self._arranger.arrange(batch, read, now=self._now).rows
        else:
            sweeps = self._lake.read_sweeps(self._platform, object_key)
            yield LandedRows(
                samples=SampleColumns(),
                channels=(),
                categories=(),
                broadcasts=BroadcastColumns(),
                details=(),
                flags=(),
                sweeps=[record for record in sweeps if record.sweep.sampled_at >= self._before],
                dead_letters=(),
                expired=0,
            )

    def _count(self, **more: int) -> None:
        self.outcome = self.outcome.add(**more)
