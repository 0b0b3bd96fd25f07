"""Broadcasts that are asked for by id, and what the answers say of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from airtide.domain.volatility import UNSEEN, Motion


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A broadcast that may be asked for."""

    broadcast_id: str
    due_at: datetime
    """When it is to be asked for again at the latest."""
    asked_at: datetime | None = None
    """When the site last answered for it; None for one that was never asked for."""
    seen_at: datetime | None = None
    """When it was last told live; a start that the site announces, where it has not begun."""
    is_resting: bool = False
    """Its last answer was not a live broadcast: it is asked for when due, and fills no gaps."""
    motion: Motion = UNSEEN


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateAnswer:
    """What one sweep was told of one candidate."""

    broadcast_id: str
    due_at: datetime
    """When it is asked for again."""
    seen_at: datetime | None = None
    """As in `Candidate`; None for what the site no longer returns, or has not begun when announced."""
    is_resting: bool = False
    ended_at: datetime | None = None
    """Set for what is never asked for again."""
    motion: Motion = UNSEEN
