from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from airtide.bus.instants import read_instant_ms, read_tick_ms, to_datetime, write_instant, write_tick

SEOUL = timezone(timedelta(hours=9))


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (datetime(2026, 1, 31, 12, 0, tzinfo=UTC), "2026-01-31T12:00:00Z"),
        (datetime(2026, 1, 31, 21, 0, tzinfo=SEOUL), "2026-01-31T12:00:00Z"),
        (datetime(2026, 1, 31, 12, 0, 0, 999, tzinfo=UTC), "2026-01-31T12:00:00Z"),
        (datetime(2026, 1, 31, 12, 0, 0, 1999, tzinfo=UTC), "2026-01-31T12:00:00.001Z"),
    ],
)
def test_an_instant_is_written_in_utc_and_cut_to_milliseconds(instant, text):
    assert write_instant(instant) == text


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="no time zone"):
        write_instant(datetime(2026, 1, 31, 12, 0))  # noqa: DTZ001


def test_a_tick_between_seconds_is_refused():
    with pytest.raises(ValueError, match="whole second"):
        write_tick(datetime(2026, 1, 31, 12, 0, 0, 500_000, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "epoch_ms"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:01.5Z", 1500),
        ("1970-01-01T00:00:01.050Z", 1050),
        ("1969-12-31T23:59:59.999Z", -1),
    ],
)
def test_an_instant_is_read_to_the_millisecond(text, epoch_ms):
    assert read_instant_ms(text) == epoch_ms
    assert to_datetime(epoch_ms).timestamp() * 1000 == epoch_ms


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-01-31",
        "2026-01-31T12:00:00",
        "2026-01-31T12:00:00+00:00",
        "2026-01-31T21:00:00+09:00",
        "2026-01-31 12:00:00Z",
        "2026-01-31t12:00:00z",
        "2026-01-31T12:00:00.1234Z",
        "2026-01-31T12:00:00,5Z",
        "٢٠٢٦-01-31T12:00:00Z",
        "2026-01-31T12:00:00Z\n",
    ],
)
def test_any_other_form_is_refused_every_time(text):
    for _ in range(2):
        with pytest.raises(ValueError, match="is not a UTC time"):
            read_instant_ms(text)


@pytest.mark.parametrize(
    "text", ["2026-02-30T12:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T12:00:60Z", "0000-01-31T12:00:00Z"]
)
def test_a_time_that_never_was_is_refused(text):
    with pytest.raises(ValueError, match=r"must be in|out of range"):
        read_instant_ms(text)


def test_a_tick_is_not_read_from_between_seconds():
    with pytest.raises(ValueError, match="whole second"):
        read_tick_ms("2026-01-31T12:00:00.500Z")
