"""The ranking as CSV, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io

from airtide.domain.spreadsheets import to_cell
from airtide.wiring.reads import SpanKind
from trends_page.models import RankedChannel, Ranking

COLUMNS = (
    "rank",
    "rank_change",
    "is_new",
    "is_returning",
    "platform",
    "channel_id",
    "channel_name",
    "channel_handle",
    "hours_watched",
    "average_viewers",
    "peak_viewers",
    "peak_at",
    "airtime_hours",
    "broadcasts",
    "coverage",
    "known_share",
    "has_low_coverage",
    "has_doubtful_change",
)
CONTEXT_COLUMNS = (
    "day",
    "period",
    "last_day",
    "zone",
    "metric",
    "is_provisional",
    "blocked_platforms",
    "data",
    "definitions_version",
    "computed_at",
    "computed_by",
)


def write_ranking_csv(ranking: Ranking) -> str:
    """Return one line a channel, each with the days and zone it belongs to; instants are UTC, shares 0 … 1."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*COLUMNS, *CONTEXT_COLUMNS])
    context = [to_cell(value) for value in _read_context(ranking)]
    for channel in ranking.channels:
        writer.writerow([*_to_cells(channel), *context])
    return out.getvalue()


def name_csv(ranking: Ranking) -> str:
    """Return the file name to save a ranking under, in plain ASCII."""
    platform = ranking.platform or "all"
    days = ranking.day if ranking.period is SpanKind.DAY else f"{ranking.period}-{ranking.day}"
    return f"airtide-{ranking.metric}-{platform}-{days}-{ranking.zone.replace('/', '-')}.csv"


def _read_context(ranking: Ranking) -> tuple[object, ...]:
    return (
        ranking.day,
        ranking.period,
        ranking.last_day,
        ranking.zone,
        ranking.metric,
        ranking.is_provisional,
        " ".join(ranking.blocked_platforms),
        ranking.data,
        ranking.definitions_version,
        ranking.model_dump(mode="json", include={"computed_at"})["computed_at"],
        "Airtide",
    )


def _to_cells(channel: RankedChannel) -> list[object]:
    values = channel.model_dump(mode="json")
    return [to_cell(values[column]) for column in COLUMNS]
