"""Keys stand in every store: these vectors never change. The first ones can be had from `b2sum -l 64` as well."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airtide.domain.keys import hash_detail, hash_id, hash_text
from airtide.domain.models import Platform

PLAIN = {"title": None, "category_key": 0, "language": None, "thumbnail_url": None, "tags": (), "is_mature": None}


@pytest.mark.parametrize(
    ("platform", "text_id", "key"),
    [
        (Platform.TWITCH, "41375541001", 8759353565878833424),
        (Platform.YOUTUBE, "Zx0exampLe1", 1151055172987143727),
        (Platform.SOOP, "289900001", 6859626699917782591),
        (Platform.SOOP, "예시", 4836825819309503022),
    ],
    ids=["digits", "letters", "soop", "korean"],
)
def test_ids_have_these_keys(platform, text_id, key):
    assert hash_id(platform, text_id) == key
    assert hash_id(platform.value, text_id) == key


def test_attributes_have_this_key():
    key = hash_detail(7, title="저녁 게임", category_key=5, language="ko", thumbnail_url=None, tags=(), is_mature=True)
    assert key == 8035153378770857990


@given(st.text())
def test_a_key_fits_a_signed_bigint(text):
    assert 0 <= hash_text(text) < 2**63


@pytest.mark.parametrize(
    "change",
    [
        {"title": ""},
        {"language": ""},
        {"thumbnail_url": ""},
        {"tags": ("",)},
        {"is_mature": False},
        {"category_key": 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_missing_and_empty_attributes_differ(change):
    assert hash_detail(1, **{**PLAIN, **change}) != hash_detail(1, **PLAIN)


def test_a_text_cannot_run_into_its_neighbour():
    one = {**PLAIN, "tags": ("a", "b")}
    other = {**PLAIN, "tags": ("a\x1f1:b",)}
    assert hash_detail(1, **one) != hash_detail(1, **other)
