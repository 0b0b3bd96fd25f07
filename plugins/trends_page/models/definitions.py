"""What the numbers mean."""

from __future__ import annotations

from collections.abc import Sequence

from airtide.domain.models import Platform
from airtide.wiring.reads import DataKind
from trends_page.models.base import Answer


class Definition(Answer):
    """What one number means."""

    term: str
    meaning: str


class MarkMeaning(Answer):
    """What a mark of a day means; `mark` is the name under which days count it."""

    mark: str
    term: str
    meaning: str


class PlatformTerms(Answer):
    """How a platform is collected and how long its data is kept."""

    platform: Platform
    cadence_s: int
    viewer_floor: int
    raw_age_s: int
    text_age_s: int
    statistics_age_s: int
    in_combined_rank: bool
    source_url: str | None
    """Where the site's terms stand; None when it publishes none, or when the data is simulated."""


class Definitions(Answer):
    """What the numbers mean, and under which settings they are computed."""

    data: DataKind
    computed_by: str
    definitions_version: int
    """Of these definitions; rows name the version that they were computed under."""
    zones: Sequence[str]
    low_coverage: float
    definitions: Sequence[Definition]
    marks: Sequence[MarkMeaning]
    platforms: Sequence[PlatformTerms]
