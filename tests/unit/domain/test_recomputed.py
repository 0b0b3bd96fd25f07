"""How the rows of a day are compared, kept ones against recomputed ones."""

from __future__ import annotations

from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from airtide.domain.recomputed import MOST_SHOWN, DayTable, Difference, compare_rows

TABLE = DayTable(name="t", key=("a", "b"), numbers=("x", "y"))
SINGLE = DayTable(name="s", key=(), numbers=("x",))

rows = st.dictionaries(
    st.tuples(st.integers(0, 3), st.sampled_from(["", "en", "ko"])), st.tuples(st.integers(0, 2), st.none())
)


def test_a_number_that_differs_counts_under_its_name_and_shows_both():
    report = compare_rows(TABLE, [(1, "en", 5, None)], [(1, "en", 5, 7)])
    assert report.different == {"y": 1}
    assert report.shown == [Difference((1, "en"), (5, None), (5, 7))]
    assert not report.is_equal


def test_rows_on_one_side_alone_do_not_shift_the_others():
    kept = [(1, "en", 1, 1), (2, "en", 1, 1), (4, "en", 1, 1)]
    recomputed = [(2, "en", 1, 1), (3, "en", 1, 1), (4, "en", 1, 1), (5, "en", 1, 1)]
    report = compare_rows(TABLE, kept, recomputed)
    assert (report.equal, report.different) == (2, {"too many": 1, "missing": 2})
    assert [told.key for told in report.shown] == [(1, "en"), (3, "en"), (5, "en")]


def test_a_table_of_one_row_has_no_key():
    assert compare_rows(SINGLE, [(1,)], [(1,)]).is_equal
    assert compare_rows(SINGLE, [(1,)], [(2,)]).different == {"x": 1}
    assert compare_rows(SINGLE, [], [(2,)]).different == {"missing": 1}
    assert compare_rows(SINGLE, [], []).is_equal


def test_few_differences_are_shown_and_all_are_counted():
    report = compare_rows(TABLE, [(n, "", 0, 0) for n in range(99)], [(n, "", 1, 0) for n in range(99)])
    assert len(report.shown) == MOST_SHOWN
    assert report.different == {"x": 99}


@given(rows, rows)
def test_every_key_is_counted_once(kept, recomputed):
    report = compare_rows(
        TABLE,
        [(*key, *numbers) for key, numbers in sorted(kept.items())],
        [(*key, *numbers) for key, numbers in sorted(recomputed.items())],
    )
    keys = kept.keys() | recomputed.keys()
    equal = sum(kept.get(key) == recomputed.get(key) for key in keys)
    assert (report.equal, report.different.total()) == (equal, len(keys) - equal)
    assert all(len(list(same)) == 1 for _, same in groupby(told.key for told in report.shown))
