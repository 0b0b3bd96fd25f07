"""What may be asked for: every query parameter with its bounds; one that is not known is refused."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from airtide.domain.models import Platform
from airtide.wiring.reads import Metric, SpanKind

MOST_ROWS = 1000
MOST_CSV_ROWS = 50_000


def _refuse_controls(text: str) -> str:
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in text):
        raise ValueError("control characters are not allowed")
    return unicodedata.normalize("NFC", text)


Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(_refuse_controls)
]
"""One to a hundred characters in normal form, none of them a control character."""


class Parameters(BaseModel):
    """Query parameters of one route."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LiveParameters(Parameters):
    """Which part of what is live."""

    platform: Platform | None = None
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 50
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class ZoneParameters(Parameters):
    """Which zone the days are days of; the first that is rolled up when none is named."""

    zone: str | None = Field(default=None, max_length=60)


class ListParameters(ZoneParameters):
    """Of which day, on which platform."""

    day: date | None = None
    """A day of the zone; without it the latest that has ended."""
    platform: Platform | None = None
    """One platform; without it all that may stand in one ranking."""


class RankingParameters(ListParameters):
    """Which ranking, and which part of it."""

    period: SpanKind = SpanKind.DAY
    """The day, or the week or month that holds it."""
    language: Text | None = None
    """Only broadcasts in this language, as the site writes it."""
    category_id: Text | None = None
    """Only what was broadcast in this category of the one platform."""
    metric: Metric = Metric.HOURS_WATCHED
    limit: Annotated[int, Field(ge=1, le=MOST_CSV_ROWS)] = 50
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    format: Literal["json", "csv"] = "json"


class SearchParameters(Parameters):
    """Which channels to find."""

    q: Text
    platform: Platform | None = None
    limit: Annotated[int, Field(ge=1, le=50)] = 10


class SeriesParameters(Parameters):
    """How far back."""

    hours: Annotated[int, Field(ge=1, le=48)] = 24
