"""Retries end where a deadline does."""

from __future__ import annotations

import time

import pytest
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError
from urllib3.response import HTTPResponse

from airtide.platforms.retries import MAX_RETRIES, CallRetry, strip_queries


def answer(**headers: str) -> HTTPResponse:
    return HTTPResponse(status=503, headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_no_try_begins_after_the_deadline() -> None:
    booked: list[int] = []
    retry = CallRetry.until(time.monotonic() - 1, lambda: booked.append(1))
    with pytest.raises(MaxRetryError):
        retry.increment("GET", "/list", error=ConnectTimeoutError())
    assert booked == []


def test_no_more_tries_are_made_than_allowed() -> None:
    booked: list[int] = []
    retry = CallRetry.until(time.monotonic() + 60, lambda: booked.append(1))
    for _ in range(MAX_RETRIES):
        retry = retry.increment("GET", "/list", response=answer())
    with pytest.raises(MaxRetryError):
        retry.increment("GET", "/list", response=answer())
    assert len(booked) == MAX_RETRIES


@pytest.mark.parametrize(("drawn", "waits"), [(0.0, [0.0, 1.0, 2.0]), (1.0, [0.0, 1.5, 2.5])])
def test_own_waits_grow_with_a_bounded_jitter(
    monkeypatch: pytest.MonkeyPatch, drawn: float, waits: list[float]
) -> None:
    monkeypatch.setattr("random.random", lambda: drawn)
    retry = CallRetry.until(time.monotonic() + 60, lambda: None)
    waited = []
    for _ in range(MAX_RETRIES):
        retry = retry.increment("GET", "/list", response=answer())
        waited.append(retry.get_backoff_time())
    assert waited == waits


def test_a_wait_told_by_the_site_must_end_before_the_deadline() -> None:
    retry = CallRetry.until(time.monotonic() + 10, lambda: None)
    assert retry.increment("GET", "/list", response=answer(Retry_After="9")).total == MAX_RETRIES - 1
    with pytest.raises(MaxRetryError):
        retry.increment("GET", "/list", response=answer(Retry_After="11"))


def test_a_wait_that_cannot_be_read_is_none() -> None:
    retry = CallRetry.until(time.monotonic() + 10, lambda: None)
    assert retry.get_retry_after(answer(Retry_After="soon")) is None


@pytest.mark.parametrize(
    ("text", "stripped"),
    [
        ("/list?client_id=secret", "/list?…"),
        ("url: /a?b=c (retry) /d?e", "url: /a?… (retry) /d?…"),
        ("('/a?b=c', 1)", "('/a?…', 1)"),
        ("is it? yes", "is it? yes"),
        ("GET https://user:secret@site.test/a@b", "GET https://site.test/a@b"),
    ],
)
def test_queries_are_taken_out_of_a_text(text: str, stripped: str) -> None:
    assert strip_queries(text) == stripped
