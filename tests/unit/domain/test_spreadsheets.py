"""Text that a spreadsheet would take for a formula is taken apart; all other text stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airtide.domain.spreadsheets import defuse_text, to_cell


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_formula_becomes_text(text):
    assert defuse_text(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Nova", "하늘", "a=b", " =1", "'quoted'"])
def test_other_text_stays_as_it_is(text):
    assert defuse_text(text) == text


@given(st.text())
def test_no_text_starts_like_a_formula_and_none_is_lost(text):
    defused = defuse_text(text)

    assert not defused.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert defused.removeprefix("'") in {text, text.removeprefix("'")}


def test_only_text_is_defused_and_numbers_stay_numbers():
    assert [to_cell(value) for value in (-5, -0.5, None, True, False, "-5")] == [-5, -0.5, "", "true", "false", "'-5"]
