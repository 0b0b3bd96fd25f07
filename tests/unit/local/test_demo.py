from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pytest
from rich.cells import cell_len
from rich.console import Console

from airtide.local.demo import show_ranking
from airtide.warehouse.queries.rankings import RankedChannel, Ranking, RankingTotals, TrendDay

DAY = date(2026, 1, 31)
MIDNIGHT = datetime(2026, 1, 31, tzinfo=UTC)


def make_channel(**known: object) -> RankedChannel:
    values = {
        "rank": 1,
        "rank_change": 0,
        "is_new": False,
        "is_returning": False,
        "platform": "youtube",
        "channel_id": "UC1",
        "channel_name": "Channel",
        "channel_handle": None,
        "broadcasts": 1,
        "hours_watched": 1_234_567.5,
        "average_viewers": 123_456.5,
        "peak_viewers": 1_234_567,
        "peak_at": MIDNIGHT,
        "airtime_hours": 24.0,
        "coverage": 1.0,
        "known_share": 1.0,
        "has_low_coverage": False,
        "has_doubtful_change": False,
    }
    return RankedChannel(**{**values, **known})


class OneDay:
    """The read side of a warehouse that holds at most one day."""

    def __init__(self, *channels: RankedChannel, is_open: bool = False, is_empty: bool = False) -> None:
        self._channels = channels
        self._days = [] if is_empty else [self._make_day(is_open)]

    @staticmethod
    def _make_day(is_open: bool) -> TrendDay:
        return TrendDay(
            day=DAY,
            starts_at=MIDNIGHT,
            ends_at=MIDNIGHT,
            computed_at=MIDNIGHT,
            definitions_version=1,
            is_open=is_open,
            is_provisional=is_open,
            blocked_platforms=[],
        )

    def read_days(self, _zone, day):
        return [known for known in self._days if known.day == day]

    def rank_channels(self, *_asked, **_page):
        totals = RankingTotals(channels=len(self._channels), hours_watched=0.0, coverage=None, known_share=None)
        return Ranking(left_out=[], totals=totals, channels=self._channels)

    def read_kind(self):
        return "simulated"


def show(reads: OneDay, *, width: int = 80) -> str:
    out = io.StringIO()
    show_ranking(reads, DAY, Console(file=out, width=width, highlight=False))
    return out.getvalue()


def show_row(**known: object) -> str:
    return show(OneDay(make_channel(**known))).splitlines()[4]


def test_a_day_without_rollup_is_said_to_have_no_numbers_yet():
    assert show(OneDay(is_empty=True)).strip().startswith("No numbers of 2026-01-31 yet")


def test_an_open_day_is_called_provisional_and_a_closed_one_is_not():
    assert "2026-01-31 UTC (simulated), provisional" in show(OneDay(make_channel(), is_open=True))
    assert "provisional" not in show(OneDay(make_channel()))


@pytest.mark.parametrize(
    ("coverage", "shown"),
    [(1.0, "100.0 %"), (0.999999, "99.9 %"), (0.29, "29.0 %"), (0.0, "0.0 %"), (None, "–")],
)
def test_coverage_is_cut_so_that_100_percent_hides_no_hole(coverage, shown):
    assert show_row(coverage=coverage).rstrip().endswith(f" {shown}")


@pytest.mark.parametrize(
    ("known", "shown"),
    [
        ({"rank_change": 3}, "+3"),
        ({"rank_change": -12}, "-12"),
        ({"rank_change": 0}, "="),
        ({"rank_change": None}, "–"),
        ({"rank_change": None, "is_new": True}, "new"),
    ],
)
def test_the_change_of_rank_is_told(known, shown):
    assert show_row(**known).split()[1] == shown


def test_amounts_are_rounded_to_the_nearest_unit():
    assert "1,234,568" in show_row()
    assert "123,457" in show_row()


def test_unknown_viewers_are_told_as_missing_and_not_as_zero():
    assert show_row(average_viewers=None, peak_viewers=None).split()[-4:-2] == ["–", "–"]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("x" * 200, id="Latin"),
        pytest.param("가나다라마바사" * 20, id="Korean"),
        pytest.param("👾" * 90, id="emoji"),
        pytest.param("한x " * 50, id="mixed"),
    ],
)
def test_every_channel_is_one_row_of_at_most_80_cells(name):
    lines = show(OneDay(*(make_channel(rank=n, channel_name=name) for n in range(1, 11)))).splitlines()
    assert len([line for line in lines if "youtube" in line]) == 10
    assert all("…" in line for line in lines if "youtube" in line)
    assert max(cell_len(line) for line in lines) <= 80
    assert {cell_len(line) for line in lines if "youtube" in line} == {cell_len(lines[3])}


def test_the_largest_numbers_are_not_cut():
    row = show_row(rank=10, rank_change=-9999, channel_name="x" * 99, hours_watched=9_999_999.0)
    assert "-9999" in row
    assert "9,999,999" in row
    assert "1,234,567" in row
    assert "100.0 %" in row


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\x1b[31mred\x07", "a�[31mred�"),
        ("one\r\ntwo\tthree", "one��two�three"),
        ("one\u2028two", "one�two"),
        ("\u202eesrever\u202c", "esrever"),
        ("half \ud800", "half �"),
        ("[bold]loud[/bold]", "[bold]loud[/bold]"),
        (":smile: [/]", ":smile: [/]"),
        ("全角\u3000名", "全角\u3000名"),
    ],
)
def test_a_hostile_name_is_shown_harmless(name, shown):
    assert f" {shown} " in show_row(channel_name=name)


@pytest.mark.parametrize("name", [None, "", "  ", "\u200b\u200b"])
def test_a_channel_without_a_visible_name_is_shown_by_its_id(name):
    assert " UC1 " in show_row(channel_name=name)
