"""The read side of weeks and months."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from airtide.domain.clock import Clock
from airtide.settings import Settings
from airtide.warehouse.queries.rankings import ChannelList, Metric, Ranking
from airtide.warehouse.queries.reader import WarehouseReader
from airtide.warehouse.queries.span_rankings import read_span_ranking
from airtide.warehouse.queries.weeks import DaySpan, SpanKind, SpanState, find_span, read_span_state

__all__ = ["SpanKind", "SpanReads", "find_span"]


@dataclass(frozen=True, slots=True)
class SpanReads:
    """One method a question, like those of `Reads`."""

    warehouse: WarehouseReader
    settings: Settings
    clock: Clock

    def read_state(self, span: DaySpan) -> SpanState:
        """Read what there is of a span, and whether it may still change."""
        return self.warehouse.read(partial(read_span_state, span=span, now=self.clock.now()))

    def rank_channels(self, span: DaySpan, of: ChannelList, metric: Metric, *, limit: int, offset: int) -> Ranking:
        """Rank the channels of a list over the days of a span; raises ValueError for one of a category."""
        return self.warehouse.read(
            partial(
                read_span_ranking,
                span=span,
                of=of,
                metric=metric,
                low_coverage=self.settings.trends.low_coverage,
                limit=limit,
                offset=offset,
            )
        )
