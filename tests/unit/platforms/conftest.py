"""A web in which nothing answers but what a test has put there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    """Answers of sites, in the order in which they were put; those left over fail the test."""
    with responses.RequestsMock(registry=responses.registries.OrderedRegistry) as mock:
        yield mock
