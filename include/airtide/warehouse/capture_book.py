"""How capturing pictures stands, in `ingest.capture_status`: written after a run, whatever became of it."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg.types.json import Jsonb

from airtide.domain.lags import CaptureFigures
from airtide.warehouse.connect import PostgresAddress, Role, connect, translate_failures
from airtide.warehouse.landing_book import to_json
from airtide.warehouse.statements import read_statement


@dataclass(frozen=True, slots=True)
class WarehouseCaptureBook:
    """The last figures of each platform; waits for a warehouse that hangs for seconds, not for minutes."""

    address: PostgresAddress

    def note_capture(self, figures: CaptureFigures) -> None:
        """Put the figures on record; an error stands there until a run ends without one."""
        values = {
            "platform": figures.platform.value,
            "lags": None if figures.lags is None else Jsonb([to_json(lag) for lag in figures.lags]),
            "at": figures.at,
            "pictures": figures.pictures,
            "error": figures.error,
        }
        with (
            translate_failures(self.address),
            connect(self.address, Role.INGEST, is_for_poll=True) as connection,
        ):
            connection.execute(read_statement("note_capture"), values)
