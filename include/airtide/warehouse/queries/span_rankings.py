"""Rankings of channels in a week or a month, read from its days."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from psycopg import Connection

from airtide.warehouse.queries.fetch import fetch_rows
from airtide.warehouse.queries.rankings import (
    ChannelList,
    Metric,
    RankedChannel,
    Ranking,
    read_left_out,
    read_totals,
)
from airtide.warehouse.queries.weeks import DaySpan

_ONE_DAY = timedelta(days=1)


def read_span_ranking(
    connection: Connection[Any],
    span: DaySpan,
    *,
    of: ChannelList,
    metric: Metric,
    low_coverage: float,
    limit: int,
    offset: int,
) -> Ranking:
    """Rank the channels of a list over the days of a span; like `read_channel_ranking`, against as many days before.

    Raises ValueError for a category: what broadcasts bring to one is kept nowhere, and is added up for a day at a time.
    """
    if of.category_id is not None:
        raise ValueError("channels of a category are ranked by the day")
    asked = {**span.parameters(), **of.parameters()}
    # the sums of all channels over two months would be sorted on disk
    connection.execute("SET LOCAL work_mem = '64MB'")
    channels = fetch_rows(
        connection,
        "read_span_ranking",
        RankedChannel,
        {
            **asked,
            "before_from": span.first_day - (span.last_day - span.first_day + _ONE_DAY),
            "metric": metric,
            "low_coverage": low_coverage,
            "limit": limit,
            "offset": offset,
        },
    )
    return Ranking(left_out=read_left_out(connection, of), totals=read_totals(connection, asked), channels=channels)
