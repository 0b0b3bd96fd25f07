"""Keys of ids, collisions, and what a run forgets."""

from __future__ import annotations

import pytest

from airtide.domain.keys import NO_CATEGORY_KEY, hash_id
from airtide.domain.landed import Dimension
from airtide.domain.models import Platform
from airtide.pipeline import key_book as module
from airtide.pipeline.key_book import KeyBook

SITE = Platform.SOOP


class Warehouse:
    """Answers which ids collide, and keeps what it was asked."""

    def __init__(self, *taken: str) -> None:
        self.taken = taken
        self.asked: list[set[str]] = []

    def find_collisions(self, platform, dimension, keys):
        self.asked.append(set(keys))
        return [text_id for text_id in keys if text_id in self.taken]


def keys_of(*text_ids: str) -> list[int]:
    return [hash_id(SITE, text_id) for text_id in text_ids]


def test_each_id_is_asked_for_once_a_run():
    warehouse = Warehouse("b")
    book = KeyBook(SITE, warehouse.find_collisions)
    assert book.find_keys(Dimension.BROADCAST, ["a", "b", "a"]) == [*keys_of("a"), None, *keys_of("a")]
    assert book.find_keys(Dimension.BROADCAST, ["b", "c"]) == [None, *keys_of("c")]
    assert warehouse.asked == [{"a", "b"}, {"c"}]


def test_dimensions_do_not_mix():
    warehouse = Warehouse()
    book = KeyBook(SITE, warehouse.find_collisions)
    book.find_keys(Dimension.BROADCAST, ["a"])
    book.find_keys(Dimension.CHANNEL, ["a"])
    assert warehouse.asked == [{"a"}, {"a"}]


def test_no_category_has_a_key_of_its_own_and_is_never_asked_for():
    warehouse = Warehouse()
    assert KeyBook(SITE, warehouse.find_collisions).find_keys(Dimension.CATEGORY, [None, None]) == [NO_CATEGORY_KEY] * 2
    assert warehouse.asked == []


@pytest.mark.parametrize("order", [["a", "b"], ["b", "a"]])
def test_of_two_new_ids_with_one_key_the_same_one_is_refused_in_any_order(monkeypatch, order):
    monkeypatch.setattr(module, "hash_id", lambda platform, text_id: 42)
    book = KeyBook(SITE, Warehouse().find_collisions)
    assert dict(zip(order, book.find_keys(Dimension.CHANNEL, order), strict=True)) == {"a": 42, "b": None}
    assert book.find_keys(Dimension.CHANNEL, ["c"]) == [None]


def test_a_run_that_has_met_too_many_ids_forgets_them_and_stays_right(monkeypatch):
    monkeypatch.setattr(module, "_MOST_IDS", 3)
    warehouse = Warehouse("b")
    book = KeyBook(SITE, warehouse.find_collisions)
    book.find_keys(Dimension.BROADCAST, ["a", "b", "c", "d"])
    assert book.find_keys(Dimension.BROADCAST, ["a", "b"]) == [*keys_of("a"), None]
    assert warehouse.asked == [{"a", "b", "c", "d"}, {"a", "b"}]
