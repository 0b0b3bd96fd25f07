"""Fakes of what a poll talks to; they pass the contract suites of the real ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from airtide.domain.errors import AirtideError
from airtide.domain.models import Platform, Reject, Scope, Snapshot, Sweep
from airtide.domain.pages import Page, Tally

TICK = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def make_snapshot(broadcast_id: str = "b1", **changes: object) -> Snapshot:
    """Return a snapshot of a live Twitch broadcast, with `changes`."""
    snapshot = Snapshot(
        platform=Platform.TWITCH,
        sweep_id="twitch:2026-11-20T12:00:00Z:00000000",
        sampled_at=TICK,
        fetched_at=TICK,
        broadcast_id=broadcast_id,
        channel_id=f"channel of {broadcast_id}",
        viewers=7,
        cadence_s=300,
    )
    return replace(snapshot, **changes)  # type: ignore[arg-type]


def make_reject(reason: str = "no id") -> Reject:
    """Return a record that a parser refused."""
    return Reject(platform=Platform.TWITCH, reason=reason, raw=b"{}")


@dataclass
class MemorySource:
    """A site in memory: pages of broadcasts (or the error of a page), after which it may raise."""

    listed: Sequence[Sequence[Snapshot | Reject] | str]
    platform: Platform = Platform.TWITCH
    scope: Scope = Scope.LISTING
    cadence_s: int = 300
    id_capacity: int = 0
    raises: AirtideError | None = None
    site_time: datetime | None = TICK
    now: Callable[[], datetime] = lambda: TICK
    not_live: Sequence[str] = ()
    pages_asked: int = 0
    ids_asked: list[str] = field(default_factory=list)

    def read_pages(
        self, *, sweep_id: str, sampled_at: datetime, tally: Tally, asked: Sequence[str] = ()
    ) -> Iterator[Page]:
        """Yield the pages; of a site asked by id, what was asked for of each."""
        self.ids_asked.extend(asked)
        by_id = self.scope is Scope.BY_ID
        known = {one.broadcast_id for held in self.listed for one in held if isinstance(one, Snapshot)}
        tally.not_live.extend(one for one in asked if by_id and one in self.not_live)
        tally.absent.extend(one for one in asked if by_id and one not in known.union(self.not_live))
        for number, held in enumerate(self.listed, 1):
            self.pages_asked += 1
            tally.requests += 1
            bucket = f"{self.platform}.calls"
            tally.spend[bucket] = tally.spend.get(bucket, 0) + 1
            if isinstance(held, str):
                yield Page(number=number, fetched_at=self.now(), error=held)
                continue
            seen = [
                replace(one, platform=self.platform, sweep_id=sweep_id, sampled_at=sampled_at, cadence_s=self.cadence_s)
                for one in held
                if isinstance(one, Snapshot) and (not by_id or one.broadcast_id in asked)
            ]
            rejects = [one for one in held if isinstance(one, Reject)]
            yield Page(number=number, fetched_at=self.now(), site_time=self.site_time, snapshots=seen, rejects=rejects)
        if self.raises is not None:
            raise self.raises


@dataclass
class CollectingSink:
    """Keeps what is published, in order."""

    published: list[Snapshot | Reject] = field(default_factory=list)
    sweeps: list[Sweep] = field(default_factory=list)
    raises: AirtideError | None = None

    def publish_snapshots(self, platform: Platform, records: Sequence[Snapshot | Reject]) -> dict[int, int]:
        """Keep the records; partition 0 holds them all."""
        if self.raises is not None:
            raise self.raises
        self.published.extend(records)
        return {0: len(self.published), 1: 0}

    def publish_sweep(self, sweep: Sweep) -> None:
        """Keep the sweep record."""
        self.sweeps.append(sweep)


@dataclass
class KnownBroadcast:
    """One candidate."""

    due_at: datetime
    seen_at: datetime
    asked_at: datetime | None = None
    ended_at: datetime | None = None


class MemoryCandidates:
    """Candidates in memory."""

    def __init__(self, raises: AirtideError | None = None) -> None:
        self.known: dict[tuple[Platform, str], KnownBroadcast] = {}
        self.raises = raises

    def read_due_ids(self, platform: Platform, *, at: datetime, limit: int) -> Sequence[str]:
        """Return the due ones, those asked longest ago first."""
        if self.raises is not None:
            raise self.raises
        due = [
            (one.asked_at or datetime.min.replace(tzinfo=UTC), broadcast_id)
            for (site, broadcast_id), one in self.known.items()
            if site is platform and one.ended_at is None and one.due_at <= at
        ]
        return [broadcast_id for _, broadcast_id in sorted(due)][:limit]

    def add_ids(self, platform: Platform, broadcast_ids: Sequence[str], *, found_at: datetime) -> int:
        """Add those that are not known."""
        new = {one for one in broadcast_ids if (platform, one) not in self.known}
        self.known.update({(platform, one): KnownBroadcast(due_at=found_at, seen_at=found_at) for one in new})
        return len(new)

    def note_answers(
        self,
        platform: Platform,
        *,
        asked_at: datetime,
        live: Sequence[str],
        ended: Mapping[str, datetime],
        missing: Sequence[str],
    ) -> None:
        """Note the answers, and forget what is missing for an hour or ended for a day."""
        for broadcast_id in {*live, *ended, *missing}:
            one = self.known.get((platform, broadcast_id))
            if one is None:
                continue
            one.asked_at = asked_at
            one.seen_at = asked_at if broadcast_id in live else one.seen_at
            one.ended_at = ended.get(broadcast_id, one.ended_at)
        forgotten = [
            key
            for key, one in self.known.items()
            if (key[1] in missing and one.ended_at is None and one.seen_at < asked_at - timedelta(hours=1))
            or (one.ended_at is not None and one.ended_at < asked_at - timedelta(days=1))
        ]
        for key in forgotten:
            del self.known[key]
