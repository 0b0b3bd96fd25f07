"""What the headers of a refused record say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airtide.domain.dead_letters import platform_of_topic, read_sighting, write_sighting
from airtide.domain.models import Platform, Sighting

SEEN = Sighting(
    sweep_id="twitch:2026-01-31T12:00:00Z:0badcafe",
    sampled_at=datetime(2026, 1, 31, 12, tzinfo=UTC),
    fetched_at=datetime(2026, 1, 31, 12, 0, 3, 250_000, tzinfo=UTC),
    cadence_s=300,
)


def as_bytes(headers):
    return [(name, text.encode()) for name, text in headers]


@pytest.mark.parametrize("missing", ["sweep_id", "sampled_at", "fetched_at", "cadence_s"])
def test_without_one_of_its_headers_nothing_says_when_it_was_seen(missing):
    headers = [pair for pair in as_bytes(write_sighting(SEEN)) if pair[0] != missing]
    assert read_sighting(headers) is None
    assert read_sighting([*headers, (missing, None)]) is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("sampled_at", b"yesterday"),
        ("sampled_at", b"2026-01-31T12:00:00"),
        ("sampled_at", b"2026-01-31T12:00:00.5+00:00"),
        ("fetched_at", b"\xff"),
        ("cadence_s", b"five"),
        ("cadence_s", b""),
    ],
)
def test_headers_in_another_form_say_nothing(name, text):
    assert read_sighting([*as_bytes(write_sighting(SEEN)), (name, text)]) is None


@given(
    seen=st.builds(
        Sighting,
        sweep_id=st.text(max_size=40),
        sampled_at=st.datetimes(timezones=st.just(UTC)).map(lambda instant: instant.replace(microsecond=0)),
        fetched_at=st.datetimes(timezones=st.just(UTC)),
        cadence_s=st.integers(1, 1800),
    )
)
def test_what_is_written_is_read_back(seen):
    assert read_sighting(as_bytes(write_sighting(seen))) == seen


def test_a_topic_tells_its_platform():
    assert platform_of_topic("airtide.sweeps.kick.v1") is Platform.KICK
