"""Order of tests that share what one of them ends."""

from __future__ import annotations

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put tests marked `in_order` back into the order of their file, after all others were shuffled."""
    places: dict[str, list[int]] = {}
    for place, item in enumerate(items):
        if item.get_closest_marker("in_order"):
            places.setdefault(item.location[0], []).append(place)
    for taken in places.values():
        for place, item in zip(taken, sorted((items[n] for n in taken), key=_line_of), strict=True):
            items[place] = item


def _line_of(item: pytest.Item) -> int:
    return item.location[1] or 0
