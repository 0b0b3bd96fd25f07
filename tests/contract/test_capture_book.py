"""What is kept of how capturing pictures went."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.fakes.observations import TICK

from airtide.domain.lags import CaptureFigures, PartitionLag
from airtide.domain.models import Platform
from airtide.warehouse.capture_book import WarehouseCaptureBook
from airtide.warehouse.connect import Role, connect
from airtide.warehouse.queries.collection import read_captures

MINUTE = timedelta(minutes=1)
LAG = PartitionLag(
    topic="airtide.snapshots.soop.v1", topic_partition=2, low_offset=5, next_offset=3, end_offset=10, waiting_since=TICK
)
CAPTURED = CaptureFigures(platform=Platform.SOOP, at=TICK, pictures=12, lags=[LAG])

pytestmark = pytest.mark.integration


def test_figures_stand_until_others_are_known_and_an_error_until_a_run_ends_well(warehouse):
    book = WarehouseCaptureBook(warehouse.address)

    def read():
        with connect(warehouse.address, Role.READER) as connection:
            return next(iter(read_captures(connection, [Platform.SOOP])), None)

    assert read() is None
    book.note_capture(CAPTURED)
    first = read()
    assert (first.lag_messages, first.waiting_since, first.captured_at, first.pictures) == (7, TICK, TICK, 12)
    for minutes in (1, 2):
        book.note_capture(CaptureFigures(platform=Platform.SOOP, at=TICK + minutes * MINUTE, error="<b>down</b>"))
    assert read() == replace(first, error="<b>down</b>", failing_since=TICK + MINUTE)
    book.note_capture(CaptureFigures(platform=Platform.SOOP, at=TICK + 3 * MINUTE, lags=[]))
    assert read() == replace(first, lags=[], lag_measured_at=TICK + 3 * MINUTE)
