"""The ledger of objects in memory, and objects to list in it; `tests/contract` holds both ledgers to one suite."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from airtide.domain.batches import LakeObject
from airtide.domain.compaction import Compaction
from airtide.domain.models import Platform
from airtide.domain.retention import RETIRED_FOR, Expired, FoundObject, Leaf


@dataclass
class MemoryObjects:
    """Rows by name. `retired` tells since when one does not count."""

    raw_age: timedelta = timedelta(days=30)
    listed: dict[str, LakeObject] = field(default_factory=dict)
    retired: dict[str, datetime] = field(default_factory=dict)
    planned_at: dict[Platform, datetime] = field(default_factory=dict)

    def list_objects(self, *objects: LakeObject) -> None:
        self.listed |= {stored.object_key: stored for stored in objects}

    def counting(self) -> list[LakeObject]:
        return [stored for key, stored in sorted(self.listed.items()) if key not in self.retired]

    def read_raw_age(self, platform: Platform) -> timedelta:
        return self.raw_age

    def find_scattered(self, platform: Platform, first_day: date, last_day: date) -> Sequence[tuple[date, str]]:
        counts = Counter((date.fromisoformat(o.day), o.kind) for o in self.counting() if o.platform is platform)
        return sorted(place for place, count in counts.items() if count > 1 and first_day <= place[0] <= last_day)

    def list_day(self, platform: Platform, day: date, kind: str) -> Sequence[LakeObject]:
        place = (platform, day.isoformat(), kind)
        return [stored for stored in self.counting() if (stored.platform, stored.day, stored.kind) == place]

    def swap(self, compaction: Compaction, *, now: datetime) -> bool:
        counting = {stored.object_key for stored in self.counting()}
        if compaction.compacted.object_key in self.listed or not counting.issuperset(compaction.replaced):
            return False
        self.retired |= dict.fromkeys(compaction.replaced, now)
        self.list_objects(compaction.compacted)
        return True

    def count_expired(self, platform: Platform, *, before: datetime, now: datetime) -> Expired:
        return Expired(
            retired_objects=len(self._find_old(platform, before)),
            removed_objects=sum(
                stored.max_sampled_at < before or self.retired.get(key, now) <= now - RETIRED_FOR
                for key, stored in self.listed.items()
                if stored.platform is platform
            ),
        )

    def find_expired_leaves(self, platform: Platform, *, before: datetime) -> Sequence[Leaf]:
        return []

    def drop_leaf(self, platform: Platform, leaf: Leaf) -> bool:
        return True

    def delete_expired(self, platform: Platform, *, before: datetime) -> Expired:
        return Expired()

    def retire_expired(self, platform: Platform, *, before: datetime, now: datetime) -> int:
        old = self._find_old(platform, before)
        self.retired |= dict.fromkeys(old, now)
        return len(old)

    def find_removable(self, platform: Platform, *, before: datetime, now: datetime, limit: int) -> Sequence[str]:
        return [
            key
            for key, since in sorted(self.retired.items())
            if self.listed[key].platform is platform
            and (self.listed[key].max_sampled_at < before or since <= now - RETIRED_FOR)
        ][:limit]

    def forget_objects(self, object_keys: Sequence[str]) -> None:
        for key in object_keys:
            if self.retired.pop(key, None):
                del self.listed[key]

    def find_unlisted(self, objects: Sequence[FoundObject]) -> Sequence[FoundObject]:
        return [found for found in objects if found.object_key not in self.listed]

    def has_planned_since(self, platform: Platform, before: datetime) -> bool:
        return platform in self.planned_at and self.planned_at[platform] < before

    def condemn(self, platform: Platform, objects: Sequence[FoundObject], *, now: datetime) -> int:
        new = self.find_unlisted(objects)
        for found in new:
            self.list_objects(
                LakeObject(
                    object_key=found.object_key,
                    kind="sweeps" if found.object_key.startswith("sweeps/") else "snapshots",
                    platform=platform,
                    day=found.starts_at.date().isoformat(),
                    hour=None,
                    rows=0,
                    bytes=found.bytes,
                    sha256="",
                    min_sampled_at=found.starts_at,
                    max_sampled_at=found.ends_at,
                )
            )
            self.retired[found.object_key] = now
        return len(new)

    def _find_old(self, platform: Platform, before: datetime) -> list[str]:
        return [o.object_key for o in self.counting() if o.platform is platform and o.max_sampled_at < before]


def make_object(key: str, *, day: str = "2026-01-31", hour: int | None = 12, **values: object) -> LakeObject:
    """Return an object of Chzzk, with a sample at the first instant of its hour."""
    tick = datetime.fromisoformat(f"{day}T{hour or 0:02}:00:00+00:00")
    given: dict[str, object] = {
        "object_key": key,
        "kind": "snapshots",
        "platform": Platform.CHZZK,
        "day": day,
        "hour": hour,
        "rows": 1,
        "bytes": 10,
        "sha256": "d1",
        "min_sampled_at": tick,
        "max_sampled_at": tick,
    }
    return LakeObject(**(given | values))  # type: ignore[arg-type]
