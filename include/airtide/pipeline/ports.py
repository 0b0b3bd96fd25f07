"""What the use cases need of the outside, as protocols; the adapters of the other rooms fulfil them.

Every port raises `PartUnreachable` when its part does not answer within the adapter's deadline: a call never hangs
and never returns an empty answer in place of a failure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol

from airtide.domain.audited import KeptSamples, LedgerState, ListedObject, ObjectRows
from airtide.domain.batches import (
    Batch,
    LakeObject,
    OffsetRange,
    ReadBatch,
    SnapshotColumns,
    SweepRecord,
    TopicFacts,
)
from airtide.domain.candidates import Candidate, CandidateAnswer
from airtide.domain.dead_letters import KeptLetter, LetterQuery, MendedMessage, ReadableMessage
from airtide.domain.lags import LandingFigures
from airtide.domain.landed import Dimension, LandedRows, LandingCounts
from airtide.domain.models import Platform, Reject, Scope, Snapshot, Sweep
from airtide.domain.pages import NOBODY, Page, Tally
from airtide.domain.positions import AcceptedLosses


class LiveSource(Protocol):
    """One site's live broadcasts."""

    platform: Platform
    scope: Scope
    cadence_s: int
    id_capacity: int
    """How many ids one sweep may ask for; 0 for a site with a listing."""

    def read_pages(
        self, *, sweep_id: str, sampled_at: datetime, tally: Tally, asked: Mapping[str, int] = NOBODY
    ) -> Iterator[Page]:
        """Yield the pages of one sweep: of the ids `asked` in their order, or of the site's listing in its order.

        With each id stands the cadence that its snapshot promises, in seconds; those of a listing promise its own.

        A page that fails for good is yielded with its `error`, and so is the reason why a sweep ends early (a cursor
        that repeats, the page cap). What cannot go on raises: `CredentialsRejected`, `QuotaSpent`, `RateLimited`,
        `ContractChanged`. A record that cannot be parsed is a reject of its page.
        """
        ...


class CandidateSource(Protocol):
    """Finds broadcasts of a site without a listing."""

    platform: Platform

    def find_live_ids(self, *, at: datetime, tally: Tally, by_hand: bool = False) -> Iterator[Sequence[str]]:
        """Yield the ids of what may be live, a page at a time; `at` says whose turn it is, and what may be spent.

        What is run by hand may draw on what the schedule leaves. Raises like `LiveSource.read_pages`, and
        `PartUnreachable` when a page cannot be had.
        """
        ...


class CandidateStore(Protocol):
    """The broadcasts of a site without a listing that its polls ask for by id."""

    def read_candidates(self, platform: Platform, *, due_until: datetime) -> Sequence[Candidate]:
        """Return those that have not ended and are due at `due_until` at the latest, in the order of their ids."""
        ...

    def add_ids(self, platform: Platform, broadcast_ids: Sequence[str], *, found_at: datetime) -> int:
        """Remember broadcasts found, due at once; return how many were new. Known ones stay as they are."""
        ...

    def note_answers(self, platform: Platform, *, asked_at: datetime, answers: Sequence[CandidateAnswer]) -> None:
        """Record what one sweep by id was told; harmless when repeated, and nothing when a later one is on record.

        Ended broadcasts are not asked for again, and remembered until they were neither asked for nor found for a day.
        Those that are not told live are asked for until that has lasted longer than any gap that can be bridged; then
        they are forgotten, and may be found anew.
        """
        ...


class SnapshotSink(Protocol):
    """Where a poll's messages go. Returns only when every message is acknowledged, else raises `PartUnreachable`."""

    def publish_snapshots(self, platform: Platform, records: Sequence[Snapshot | Reject]) -> dict[int, int]:
        """Produce the records; return the end offset of every partition of the topic, asked after the last report.

        A call that raises may leave some of its records in the topic: the sweep failed, and the next try is a sweep
        of its own. Raises `MisconfiguredError` when there is no topic.
        """
        ...

    def publish_sweep(self, sweep: Sweep) -> None:
        """Produce the sweep record."""
        ...


class SnapshotLog(Protocol):
    """Bounded reading of the topics: never commits, never resets an offset."""

    def describe_topics(self, platform: Platform) -> Sequence[TopicFacts]:
        """Return the snapshots and the sweeps topic of `platform`, in this order, as the broker knows them now.

        Raises `MisconfiguredError` when one does not exist.
        """
        ...

    def read_batch(self, batch: Batch) -> ReadBatch:
        """Read exactly the ranges of `batch`, ordered by topic, topic partition and offset.

        Raises `MessagesLost` when the broker no longer holds their first messages, `OffsetAhead` when its log ends
        before them, `TopicReplaced` when a topic is not the one that the batch names; never returns a part.
        """
        ...

    def note_positions(self, platform: Platform, positions: Mapping[tuple[str, int], int]) -> None:
        """Tell lag monitors the landed positions (the group's offsets); a courtesy, a failure only warns."""
        ...


class Lake(Protocol):
    """Immutable objects under names that say their content; a second write is the same write."""

    def write_snapshots(self, batch: Batch, rows: SnapshotColumns) -> Sequence[LakeObject]:
        """Write one object per hour of `sampled_at`; raises `ObjectConflict` when a name holds other rows."""
        ...

    def write_sweeps(self, batch: Batch, sweeps: Sequence[SweepRecord]) -> Sequence[LakeObject]:
        """Write the batch's sweep records, one object per hour of `sampled_at`."""
        ...


class LandingLedger(Protocol):
    """The warehouse side of landing: positions, planned batches, and the one transaction that moves them."""

    def plan_batch(
        self, platform: Platform, topics: Sequence[TopicFacts], *, max_snapshots: int, now: datetime
    ) -> Batch | None:
        """Return the platform's planned batch, planning one up to the end offsets given when there is none.

        A batch that is already planned is returned as it is, so that a retry reads the same ranges. None when every
        position has reached its end. Raises `MessagesLost`, `TopicReplaced`, `OffsetAhead`.
        """
        ...

    def read_raw_age(self, platform: Platform) -> timedelta:
        """Return the age after which raw data of `platform` may no longer be kept."""
        ...

    def find_collisions(self, platform: Platform, dimension: Dimension, keys: Mapping[str, int]) -> Collection[str]:
        """Return those of the text ids in `keys` whose key already belongs to another text id."""
        ...

    def land_batch(
        self, batch: Batch, rows: LandedRows, objects: Sequence[LakeObject], *, now: datetime
    ) -> LandingCounts:
        """Write rows, ledger and positions in one transaction.

        Raises `Fenced` when another run moved the positions first, and `PartUnreachable` when the transaction is not
        durable or nobody can tell: nothing of it is left then, or all of it, and planning anew goes on from there.
        """
        ...

    def is_landed(self, batch: Batch) -> bool:
        """Tell whether the batch's transaction is durable; the way to resolve a commit whose answer was lost."""
        ...

    def read_positions(self, platform: Platform) -> Mapping[tuple[str, int], int]:
        """Return next_offset by (topic, topic partition)."""
        ...

    def accept_loss(
        self,
        platform: Platform,
        topics: Sequence[TopicFacts],
        *,
        now: datetime,
        wanted: OffsetRange | None = None,
        dry_run: bool = False,
    ) -> AcceptedLosses:
        """Give up what Kafka no longer holds: record it, move the positions past it, supersede the planned batch.

        One transaction; returns what it wrote, or would write in a dry run: nothing when nothing is lost. Of a topic
        that was made anew, or whose log was cut short, it is unknown how many messages went: its ranges come back
        empty, at the position where landing had been, and it is landed from the first message that it holds.

        With `wanted` it is that range which is given up, whether Kafka holds it or not; it begins at its position.
        Raises `MisconfiguredError` for any other, with the range that is possible.
        """
        ...


class AuditLake(Protocol):
    """The lake's side of an audit: what its objects hold, checked against what the ledger says of them."""

    def read_object(self, platform: Platform, stored: ListedObject, *, from_at: datetime) -> ObjectRows:
        """Return the rows of an object whose tick is not before `from_at`.

        Raises `ObjectMissing` when there is none, `ObjectConflict` when its rows are others than those it is listed
        with, or cannot be read.
        """
        ...


class LedgerAudit(Protocol):
    """One platform's ledger as it was at one moment."""

    def read_state(self) -> LedgerState:
        """Return all of it, from the first batch on."""
        ...

    def find_sample_hours(self, from_at: datetime) -> Sequence[datetime]:
        """Return the hours from `from_at` on that hold samples, ascending."""
        ...

    def read_samples(self, from_at: datetime, to_at: datetime) -> KeptSamples:
        """Return the samples of [from_at, to_at)."""
        ...


class AuditLedger(Protocol):
    """The warehouse's side of an audit; it changes nothing."""

    def open_audit(self, platform: Platform) -> AbstractContextManager[LedgerAudit]:
        """Open a view of the ledger and the samples that no landing changes while it is open."""
        ...


class LetterStore(Protocol):
    """The dead letters that landings have put on record; sent back or not, they stay on it."""

    def read_letters(
        self, query: LetterQuery, *, limit: int, after: KeptLetter | None = None, with_raw: bool = True
    ) -> Sequence[KeptLetter]:
        """Return at most `limit` beyond `after`, by topic, topic id, partition and offset."""
        ...

    def mark_replayed(self, letters: Sequence[KeptLetter], *, at: datetime) -> None:
        """Put on record that they were sent back; those that are marked keep their mark."""
        ...


class MendedSink(Protocol):
    """Where mended messages go."""

    def publish_mended(self, topic: str, messages: Sequence[MendedMessage]) -> None:
        """Produce them to `topic`; return when every one is acknowledged, else raise `PartUnreachable`.

        A call that raises may leave some of them in the topic.
        """
        ...


class MessageCodec(Protocol):
    """Messages by the code that landing decodes them with."""

    def read(self, topic: str, value: bytes | None) -> ReadableMessage:
        """Return whose message `value` is on `topic`; raises `BadRecord` with the reason why landing refuses it."""
        ...

    def encode(self, snapshot: Snapshot) -> bytes:
        """Return the message of a snapshot."""
        ...


class LandingBook(Protocol):
    """Where it stands how landings went."""

    def note_landing(self, figures: LandingFigures) -> None:
        """Put the figures on record; an error stands there until a landing of the platform ends without one."""
        ...
