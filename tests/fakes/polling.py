"""Fakes of what a poll talks to; they pass the contract suites of the real ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from airtide.domain.candidates import Candidate, CandidateAnswer
from airtide.domain.errors import AirtideError
from airtide.domain.models import Platform, Reject, Scope, Snapshot, Sweep
from airtide.domain.pages import NOBODY, Page, Tally

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
        self, *, sweep_id: str, sampled_at: datetime, tally: Tally, asked: Mapping[str, int] = NOBODY
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
                replace(
                    one,
                    platform=self.platform,
                    sweep_id=sweep_id,
                    sampled_at=sampled_at,
                    cadence_s=asked.get(one.broadcast_id, self.cadence_s),
                )
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


class MemoryCandidates:
    """Candidates in memory."""

    def __init__(self, raises: AirtideError | None = None) -> None:
        self.known: dict[tuple[Platform, str], Candidate] = {}
        self.ended: dict[tuple[Platform, str], datetime] = {}
        """When each that has ended was last asked for or found."""
        self.raises = raises

    def read_candidates(self, platform: Platform, *, due_until: datetime) -> Sequence[Candidate]:
        """Return those due until then, in the order of their ids."""
        if self.raises is not None:
            raise self.raises
        living = sorted(key for key in self.known if key[0] is platform and key not in self.ended)
        return [self.known[key] for key in living if self.known[key].due_at <= due_until]

    def add_ids(self, platform: Platform, broadcast_ids: Sequence[str], *, found_at: datetime) -> int:
        """Add those that are not known."""
        found = {(platform, one) for one in broadcast_ids}
        new = found - self.known.keys()
        self.ended.update({key: max(self.ended[key], found_at) for key in found & self.ended.keys()})
        self.known.update({key: Candidate(broadcast_id=key[1], due_at=found_at, seen_at=found_at) for key in new})
        return len(new)

    def note_answers(self, platform: Platform, *, asked_at: datetime, answers: Sequence[CandidateAnswer]) -> None:
        """Note the answers, and forget what is missing for an hour or ended and not heard of for a day."""
        missing = {(platform, answer.broadcast_id) for answer in answers if answer.seen_at is None}
        for answer in answers:
            key = (platform, answer.broadcast_id)
            one = self.known.get(key)
            if one is None or (one.asked_at is not None and one.asked_at > asked_at):
                continue
            self.known[key] = Candidate(
                broadcast_id=one.broadcast_id,
                due_at=answer.due_at,
                asked_at=asked_at,
                seen_at=answer.seen_at or one.seen_at,
                is_resting=answer.is_resting,
                motion=answer.motion,
            )
            if answer.ended_at is not None:
                self.ended[key] = max(asked_at, self.ended.get(key, asked_at))
        old = {key for key, heard_at in self.ended.items() if heard_at < asked_at - timedelta(days=1)}
        gone = {key for key in missing - self.ended.keys() if self._is_gone(key, asked_at - timedelta(hours=1))}
        for key in old | gone:
            del self.known[key]
            self.ended.pop(key, None)

    def _is_gone(self, key: tuple[Platform, str], since: datetime) -> bool:
        one = self.known.get(key)
        return one is not None and one.seen_at is not None and one.seen_at < since
