"""Sends mended dead letters back to their topics, where they land like any other message.

A letter is marked when its message is acknowledged. A crash between the two sends it once more, which lands once: of
two messages of one sample the first stays.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby

from airtide.domain.dead_letters import KeptLetter, LetterQuery, MendedMessage
from airtide.domain.errors import BadRecord
from airtide.pipeline.mend import Mender
from airtide.pipeline.ports import LetterStore, MendedSink

logger = logging.getLogger(__name__)

PAGE = 100
"""Letters in memory at once: each may hold close to a megabyte."""
MOST_REASONS = 50
"""Reasons that are counted apart; further ones are counted together."""
MOST_SHOWN = 20
OTHER = "other reasons"
_LONGEST_REASON = 200

Mended = tuple[KeptLetter, MendedMessage]


@dataclass(slots=True, kw_only=True)
class ReplayOutcome:
    """What a replay did, or would do."""

    dry_run: bool
    looked_at: int = 0
    mended: int = 0
    """Sent back; in a dry run those that would be."""
    refused: dict[str, int] = field(default_factory=dict)
    """How many are refused still, by reason; nothing is sent for them."""
    is_limited: bool = False
    """There may be more: the limit was reached."""
    shown: list[str] = field(default_factory=list)
    """The first of the mended ones, as place and key."""

    def to_dict(self) -> dict[str, object]:
        """Return it as plain values."""
        return asdict(self)

    def refuse(self, reason: str) -> None:
        """Count a letter that is refused still."""
        reason = reason[:_LONGEST_REASON]
        if reason not in self.refused and len(self.refused) >= MOST_REASONS:
            reason = OTHER
        self.refused[reason] = self.refused.get(reason, 0) + 1

    def take(self, kept: KeptLetter, message: MendedMessage) -> None:
        """Count a letter that is mended."""
        self.mended += 1
        if len(self.shown) < MOST_SHOWN:
            self.shown.append(f"{kept.place} key={message.key or ''} bytes={len(message.value)}")


def replay_letters(
    query: LetterQuery, *, letters: LetterStore, sink: MendedSink, mender: Mender, limit: int, dry_run: bool
) -> ReplayOutcome:
    """Send at most `limit` mended letters back, page by page; in a dry run only say which.

    What landing would still refuse is counted with its reason. Raises what the ports raise: what was acknowledged and
    marked until then is done, the rest is found again by the next replay.
    """
    outcome = ReplayOutcome(dry_run=dry_run)
    after = None
    while not outcome.is_limited and (page := letters.read_letters(query, limit=PAGE, after=after)):
        mended = _mend_page(page, mender, outcome, limit)
        if not dry_run:
            _send(mended, letters, sink, mender)
        after = page[-1]
    told = "would replay" if dry_run else "replayed"
    logger.info(
        "%s dead_letters=%s looked_at=%s refused=%s",
        told,
        outcome.mended,
        outcome.looked_at,
        sum(outcome.refused.values()),
    )
    return outcome


def replay_letter(
    kept: KeptLetter,
    *,
    body: bytes | None = None,
    letters: LetterStore,
    sink: MendedSink,
    mender: Mender,
    dry_run: bool,
) -> ReplayOutcome:
    """Send one letter back, with `body` in place of its bytes where given; what was sent back is not sent again."""
    outcome = ReplayOutcome(dry_run=dry_run, looked_at=1)
    if kept.replayed_at is not None:
        outcome.refuse(f"was sent back already, at {kept.replayed_at:%Y-%m-%dT%H:%M:%SZ}")
        return outcome
    try:
        message = mender.mend(kept, body)
    except BadRecord as error:
        outcome.refuse(str(error))
        return outcome
    outcome.take(kept, message)
    if not dry_run:
        _send([(kept, message)], letters, sink, mender)
    return outcome


def _mend_page(page: Sequence[KeptLetter], mender: Mender, outcome: ReplayOutcome, limit: int) -> list[Mended]:
    mended = []
    for kept in page:
        if outcome.mended == limit:
            outcome.is_limited = True
            break
        outcome.looked_at += 1
        try:
            message = mender.mend(kept)
        except BadRecord as error:
            outcome.refuse(str(error))
        else:
            outcome.take(kept, message)
            mended.append((kept, message))
    return mended


def _send(mended: Sequence[Mended], letters: LetterStore, sink: MendedSink, mender: Mender) -> None:
    for topic, group in groupby(mended, key=lambda pair: pair[0].letter.topic):
        pairs = list(group)
        sink.publish_mended(topic, [message for _, message in pairs])
        letters.mark_replayed([kept for kept, _ in pairs], at=mender.clock.now())
