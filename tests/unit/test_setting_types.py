"""Codes and ids in settings: each site's own form, refused in words."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml
from pydantic import TypeAdapter, ValidationError

from airtide import setting_types as types
from airtide import settings
from airtide.domain.errors import MisconfiguredError
from airtide.setting_platforms import SoopSettings, TwitchSettings
from airtide.settings import load_settings

TERMS = {"raw_age": "P1D", "text_age": "P1D", "statistics_age": "P1D", "picture_age": "P1D"}


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [
        (types.TwitchLanguage, "Korean", "two small letters of ISO 639-1 such as ko, or other, or asl, not 'Korean'"),
        (types.TwitchLanguage, "pt-BR", "two small letters"),
        (types.TwitchLanguage, False, "put it in quotes: without them YAML reads `no`"),
        (types.LanguageTag, "pt_BR", "a BCP-47 tag such as ko, pt-BR or zh-Hans, not 'pt_BR'"),
        (types.RegionCode, "kr", "two capital letters of ISO 3166-1 such as KR, not 'kr'"),
        (types.CategoryNumber, "League of Legends", "the digits of a category id such as 21779"),
        (types.CategoryNumber, "0", "the digits of a category id"),
        (types.CategoryNumber, True, "valid string"),
        (types.SoopCategoryId, "40019", "the eight digits of a category such as \"00040019\", not '40019'"),
        (types.SoopCategoryId, 40019, "put it in quotes, not 40019"),
        (types.ChannelNumber, "somebody", "the digits of a channel id, not its name, not 'somebody'"),
        (types.YouTubeChannelId, "@handle", "a channel id: UC and 22 letters, digits, _ or -, not a handle"),
        (types.SearchQuery, "two\nlines", "1 to 100 characters of one line"),
        (types.SearchQuery, "", "1 to 100 characters of one line"),
    ],
)
def test_what_no_site_would_know_is_refused_in_words(kind, value, told):
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (types.TwitchLanguage, ["ko", "other", "asl"]),
        (types.LanguageTag, ["ko", "pt-BR", "zh-Hans", "fil"]),
        (types.RegionCode, ["KR"]),
        (types.CategoryNumber, ["21779"]),
        (types.SoopCategoryId, ["00040019"]),
        (types.ChannelNumber, ["100200300"]),
        (types.YouTubeChannelId, ["UCexampleexampleexample0"]),
        (types.SearchQuery, ["롤 생방송"]),
    ],
)
def test_a_code_in_the_sites_form_is_kept_as_it_is(kind, values):
    assert [TypeAdapter(kind).validate_python(value) for value in values] == values


def test_digits_without_quotes_are_text_again():
    [number] = yaml.safe_load("[21779]")
    assert TypeAdapter(types.CategoryNumber).validate_python(number) == "21779"


def test_a_very_long_value_is_not_told_whole():
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(types.RegionCode).validate_python("x" * 5000)
    assert "x" * 41 not in caught.value.errors()[0]["msg"]


@pytest.mark.parametrize(("key", "most"), [("languages", 100), ("category_ids", 100), ("watch_list", 5_000)])
def test_no_more_is_asked_of_twitch_than_fits_one_call_of_its_list_and_fifty_by_id(key, most):
    letters = "abcdefghijklmnopqrstuvwxyz"
    values = [f"{a}{b}" for a in letters for b in letters] if key == "languages" else list(range(1, 6_000))
    given = {"base_url": "https://x", "policy": TERMS}
    with pytest.raises(ValidationError, match=f"at most {most} items"):
        TwitchSettings.model_validate({**given, key: values[: most + 1]})
    assert len(getattr(TwitchSettings.model_validate({**given, key: values[:most]}), key)) == most


def test_a_filter_named_twice_is_refused():
    with pytest.raises(ValidationError, match="'00040019' stands in it twice"):
        SoopSettings.model_validate(
            {"base_url": "https://x", "policy": TERMS, "category_ids": ["00040019", "00130000", "00040019"]}
        )


def test_a_wrong_item_is_told_with_its_place_in_the_list(monkeypatch):
    monkeypatch.setenv("AIRTIDE__PLATFORMS__TWITCH__LANGUAGES", '["ko", "English"]')
    with pytest.raises(MisconfiguredError, match=r"platforms\.twitch\.languages\.1: expected two small letters"):
        load_settings()


def test_every_key_is_documented_below_it():
    undocumented = []
    for section in ast.parse(Path(str(settings.__file__)).read_text(encoding="utf-8")).body:
        if not isinstance(section, ast.ClassDef):
            continue
        for key, below in zip(section.body, [*section.body[1:], None], strict=True):
            if isinstance(key, ast.AnnAssign) and not (
                isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
            ):
                undocumented.append(f"{section.name}.{ast.unparse(key.target)}")
    assert undocumented == []
