"""How landings stand, in `ingest.landing_status`: written beside their transactions, never in them."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg.types.json import Jsonb

from airtide.domain.lags import LandingFigures, PartitionLag
from airtide.warehouse.connect import PostgresAddress, Role, connect, translate_failures
from airtide.warehouse.statements import read_statement


@dataclass(frozen=True, slots=True)
class WarehouseLandingBook:
    """The last figures of each platform's landing; waits for a warehouse that hangs for seconds, not for minutes."""

    address: PostgresAddress

    def note_landing(self, figures: LandingFigures) -> None:
        """Put the figures on record; an error stands there until a landing of the platform ends without one."""
        values = {
            "platform": figures.platform.value,
            "lags": None if figures.lags is None else Jsonb([to_json(lag) for lag in figures.lags]),
            "at": figures.at,
            "batches": figures.batches,
            "messages": figures.messages,
            "samples": figures.samples,
            "seconds": figures.seconds,
            "error": figures.error,
        }
        with (
            translate_failures(self.address),
            connect(self.address, Role.INGEST, is_for_poll=True) as connection,
        ):
            connection.execute(read_statement("note_landing"), values)


def to_json(lag: PartitionLag) -> dict[str, object]:
    """Return a lag as it stands on record."""
    return {
        "topic": lag.topic,
        "topic_partition": lag.topic_partition,
        "next_offset": lag.next_offset,
        "end_offset": lag.end_offset,
        "messages": lag.lag,
        "lost": lag.lost,
        "waiting_since": lag.waiting_since.isoformat() if lag.waiting_since else None,
    }
