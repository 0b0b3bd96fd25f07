"""Dead letters in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from airtide.domain.batches import DeadLetter
from airtide.domain.dead_letters import KeptLetter, LetterCount, LetterQuery
from airtide.domain.errors import AirtideError


class MemoryLetters:
    """A `LetterStore`. Set `fail_to_mark` and the next mark is lost, as in a crash before it."""

    def __init__(self) -> None:
        self.fail_to_mark: AirtideError | None = None
        self._kept: dict[tuple[str, str, int, int], KeptLetter] = {}

    def keep(self, letters: Sequence[DeadLetter], *, topic_id: str, found_at: datetime) -> None:
        """Put letters on record; one that is there stays as it is."""
        for letter in letters:
            kept = KeptLetter(letter=letter, topic_id=topic_id, found_at=found_at)
            self._kept.setdefault(_place(kept), kept)

    def replace_raw(self, kept: KeptLetter, raw: bytes | None) -> None:
        """Let a letter hold other bytes, as if its message had been these."""
        self._kept[_place(kept)] = replace(kept, letter=replace(kept.letter, raw=raw))

    def read_letters(
        self, query: LetterQuery, *, limit: int, after: KeptLetter | None = None, with_raw: bool = True
    ) -> Sequence[KeptLetter]:
        found = [
            kept if with_raw else replace(kept, letter=replace(kept.letter, raw=None))
            for place, kept in sorted(self._kept.items())
            if _matches(kept, query) and (after is None or place > _place(after))
        ]
        return found[:limit]

    def count_letters(self, query: LetterQuery) -> Sequence[LetterCount]:
        groups: dict[tuple[str, str], list[KeptLetter]] = {}
        for kept in self._kept.values():
            if _matches(kept, query):
                groups.setdefault((kept.letter.topic, kept.letter.reason), []).append(kept)
        counts = [
            LetterCount(
                topic=topic,
                reason=reason,
                letters=len(group),
                replayed=sum(kept.replayed_at is not None for kept in group),
                first_found_at=min(kept.found_at for kept in group),
                last_found_at=max(kept.found_at for kept in group),
            )
            for (topic, reason), group in groups.items()
        ]
        return sorted(counts, key=lambda count: (-count.letters, count.topic, count.reason))

    def find_letter(self, topic: str, topic_partition: int, record_offset: int) -> KeptLetter | None:
        found = [
            kept
            for (name, _, number, offset), kept in self._kept.items()
            if (name, number, offset) == (topic, topic_partition, record_offset)
        ]
        return max(found, key=lambda kept: kept.found_at, default=None)

    def mark_replayed(self, letters: Sequence[KeptLetter], *, at: datetime) -> None:
        if self.fail_to_mark is not None:
            failure, self.fail_to_mark = self.fail_to_mark, None
            raise failure
        for letter in letters:
            kept = self._kept[_place(letter)]
            self._kept[_place(letter)] = replace(kept, replayed_at=kept.replayed_at or at)


def _place(kept: KeptLetter) -> tuple[str, str, int, int]:
    return kept.letter.topic, kept.topic_id, kept.letter.topic_partition, kept.letter.record_offset


def _matches(kept: KeptLetter, query: LetterQuery) -> bool:
    offset = kept.letter.record_offset
    return (
        kept.letter.topic in query.topics
        and query.reason in (None, kept.letter.reason)
        and (query.found_from is None or kept.found_at >= query.found_from)
        and (query.found_until is None or kept.found_at < query.found_until)
        and (query.offset_from is None or offset >= query.offset_from)
        and (query.offset_until is None or offset < query.offset_until)
        and (query.with_replayed or kept.replayed_at is None)
    )
