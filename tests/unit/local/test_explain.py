"""`airtide explain`: a mistake is one sentence, nothing hostile reaches the terminal, a wrong sum ends with 1."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.unit.local.test_commands import run

from airtide.domain.cells import ViewerSample
from airtide.domain.errors import MisconfiguredError
from airtide.domain.explaining import SampledStretch, explain_day
from airtide.domain.marks import Marks
from airtide.domain.periods import Period
from airtide.local import explain
from airtide.local.explanations import tell_as_json, tell_as_text
from airtide.settings import POLLED_PLATFORMS
from airtide.warehouse.queries.explaining import ChannelRanks, KeptBroadcastDay, KeptChannelDay, NamedChannel, to_ms
from airtide.warehouse.queries.rankings import TrendDay
from airtide.wiring.explaining import ExplainedBroadcast, Explanation

MIDNIGHT = datetime(2026, 3, 9, tzinfo=UTC)
HOSTILE = "\x1b[31mred\x1b]0;title\x07\r\n\u202eback[bold]"
NO_MARKS = Marks()
ASKED = ("explain", "--channel", "twitch:nova", "--day", "2026-03-09")


def make_explanation(
    *, samples: int = 30, differences=(), is_provisional=False, blocked=(), marks=NO_MARKS, expired_before=None
) -> Explanation:
    start_ms = to_ms(MIDNIGHT)
    viewers = [None if number == 1 else 100 + number for number in range(samples)]
    ticks = [start_ms - 120_000 + 300_000 * number for number in range(samples)]
    stretch = SampledStretch(
        samples=tuple(
            ViewerSample(sampled_at_ms=tick, viewers=count, cadence_s=300)
            for tick, count in zip(ticks, viewers, strict=True)
        ),
        first_sampled_at_ms=ticks[0],
        last_sampled_at_ms=ticks[-1],
    )
    explained = explain_day(stretch, Period(start_ms, start_ms + 86_400_000))
    assert explained is not None
    measures = explained.totals.measures
    numbers = {
        "samples": measures.samples,
        "known_samples": measures.known_samples,
        "airtime_ms": measures.airtime_ms,
        "known_airtime_ms": measures.known_airtime_ms,
        "viewer_ms": measures.viewer_ms,
        "peak_viewers": measures.peak_viewers,
        "peak_at": MIDNIGHT + timedelta(minutes=5 * (samples - 1) - 2),
        "live_ms": explained.totals.live_ms,
    }
    broadcast = KeptBroadcastDay(
        broadcast_key=1,
        broadcast_id=HOSTILE,
        title=HOSTILE,
        started_at=None,
        ended_at=None,
        first_sampled_at=MIDNIGHT - timedelta(minutes=2),
        last_sampled_at=MIDNIGHT + timedelta(hours=2),
        is_kept=True,
        **asdict(marks),
        **numbers,
    )
    stamp = {"definitions_version": 1, "computed_at": MIDNIGHT + timedelta(days=1)}
    ranks = {"rank_by_hours_watched": 3, "rank_by_average": 5, "rank_by_peak": 4, "rank_by_airtime": 1, "peers": 1234}
    return Explanation(
        data="simulated",
        channel=NamedChannel(
            channel_key=7,
            platform="twitch",
            channel_id="nova",
            channel_name=HOSTILE,
            channel_handle=None,
            is_by_id=True,
        ),
        zone="UTC",
        day=TrendDay(
            day=date(2026, 3, 9),
            starts_at=MIDNIGHT,
            ends_at=MIDNIGHT + timedelta(days=1),
            is_open=False,
            is_provisional=is_provisional,
            blocked_platforms=blocked,
            **stamp,
        ),
        ranks=[ChannelRanks(is_combined=False, **ranks), ChannelRanks(is_combined=True, **ranks)],
        kept=KeptChannelDay(broadcasts=1, revision=2, **stamp, **numbers),
        broadcasts=[ExplainedBroadcast(kept=broadcast, explained=explained, differences=differences)],
        differences=differences,
        expired_before=expired_before,
    )


@pytest.fixture
def reached(monkeypatch):
    """Let the command reach parts that are not there."""

    @contextmanager
    def opened():
        yield None

    monkeypatch.setattr(explain, "open_reads", opened)


def answer(monkeypatch, explanation):
    asked = []

    def explain_channel(_reads, **names):
        asked.append(names)
        if isinstance(explanation, Exception):
            raise explanation
        return explanation

    monkeypatch.setattr("airtide.wiring.explaining.explain_channel", explain_channel)
    return asked


@pytest.mark.parametrize(
    ("channel", "sentence"),
    [
        ("nova", "'nova' names no channel: write SITE:CHANNEL, like twitch:some_channel"),
        ("twitch:", "'twitch:' names no channel: write SITE:CHANNEL, like twitch:some_channel"),
        (":nova", f"there is no site : there are {', '.join(POLLED_PLATFORMS)}"),
        ("vine:nova", f"there is no site vine: there are {', '.join(POLLED_PLATFORMS)}"),
        ("\x1b[31m", "'\\x1b[31m' names no channel: write SITE:CHANNEL, like twitch:some_channel"),
    ],
)
def test_what_names_no_channel_is_one_sentence(monkeypatch, capsys, reached, channel, sentence):
    assert run(monkeypatch, "explain", "--channel", channel, "--day", "2026-03-09") == 1

    assert capsys.readouterr().err == f"airtide: {sentence}\n"


def test_a_day_that_is_no_date_is_refused(monkeypatch, capsys, reached):
    assert run(monkeypatch, "explain", "--channel", "twitch:nova", "--day", "yesterday") == 2

    assert "yesterday" in capsys.readouterr().err


def test_a_channel_that_is_not_there_is_one_sentence(monkeypatch, capsys, reached):
    answer(monkeypatch, MisconfiguredError("no channel of twitch"))

    assert run(monkeypatch, *ASKED) == 1
    assert capsys.readouterr().err == "airtide: no channel of twitch\n"


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ({}, "A sample was changed by other means than landing"),
        ({"is_provisional": True}, "a roll-up that waits for it may mend this"),
        ({"expired_before": MIDNIGHT}, "Samples taken before 2026-03-09 00:00 UTC are past the age"),
    ],
)
def test_numbers_that_do_not_add_up_end_with_1_and_say_where_and_why(monkeypatch, capsys, reached, state, reason):
    answer(monkeypatch, make_explanation(differences=["airtime_ms: 2 is kept, 1 follows from the samples"], **state))

    assert run(monkeypatch, *ASKED) == 1
    told = capsys.readouterr().out
    assert "DOES NOT ADD UP: airtime_ms: 2 is kept, 1 follows from the samples" in told
    assert reason in told


def test_site_id_day_and_zone_are_handed_on_as_typed(monkeypatch, capsys, reached):
    asked = answer(monkeypatch, make_explanation())

    assert run(monkeypatch, "explain", "--channel", " Twitch:a:b ", "--day", "2026-03-09", "--zone", "Asia/Seoul") == 0
    assert asked == [{"platform": "twitch", "name": "a:b", "day": date(2026, 3, 9), "zone": "Asia/Seoul"}]


def test_so_many_samples_are_shown_and_the_others_counted(monkeypatch, capsys, reached):
    answer(monkeypatch, make_explanation(samples=30))

    def count(*options):
        assert run(monkeypatch, *ASKED, *options) == 0
        told = capsys.readouterr().out
        return sum("2026-03-09 0" in line and " to 0" in line for line in told.splitlines()), told

    assert count("--most", "5")[0] == 4, "the first of the five was taken on the day before"
    assert count("--most", "5")[1].count("taken outside the day: only its time counts") == 1
    assert "and 25 more samples: --all shows them" in count("--most", "5")[1]
    assert count("--all")[0] == 29
    assert "more samples" not in count("--all")[1]


def test_the_text_leads_from_the_rank_to_the_weights_and_says_that_they_add_up():
    told = "\n".join(tell_as_text(make_explanation(samples=4), most=None))

    assert "Rank among 1,234 channels of twitch: 3 by hours watched, 5 by average, 4 by peak, 1 by airtime" in told
    assert "of all sites that may be combined" in told
    # taken at 23:58, 00:03 (hidden), 00:08 and 00:13
    assert "hidden" in told
    assert "00:05:30.000 to 00:10:30.000       300,000        30,600,000" in told
    assert "00:10:30.000 to 00:15:30.000       300,000        30,900,000" in told
    assert "viewers × weight 64,500,000" in told
    assert told.count("adds up") == 2


@pytest.mark.parametrize(
    ("marks", "told"),
    [
        (Marks(stuck_hours=1), "count stuck (1 hour);"),
        (Marks(flat_hours=2, glitches=1), "flat line (2 hours), glitch to 1 (1 time);"),
        (Marks(glitches=1_234, step_jumps=3), "glitch to 1 (1,234 times), step jump (3 times);"),
    ],
)
def test_counts_that_look_wrong_are_told_beside_the_numbers_that_they_stand_in(marks, told):
    explanation = make_explanation(marks=marks)
    text = "\n".join(tell_as_text(explanation, most=None))

    assert f"marked, for somebody to look at: {told} every count stands in the numbers" in text
    assert json.loads(tell_as_json(explanation))["broadcasts"][0]["marks"] == asdict(marks)


def test_where_no_count_looks_wrong_the_text_says_nothing_of_it():
    assert "marked" not in "\n".join(tell_as_text(make_explanation(), most=None))


@pytest.mark.parametrize(("blocked", "is_blocked"), [(["twitch"], True), (["soop"], False), ([], False)])
def test_a_day_that_a_check_blocks_on_the_channel_s_platform_is_told_as_not_final(blocked, is_blocked):
    explanation = make_explanation(is_provisional=bool(blocked), blocked=blocked)

    assert ("not final: a quality check fails" in "\n".join(tell_as_text(explanation, most=None))) is is_blocked
    assert json.loads(tell_as_json(explanation))["is_blocked"] is is_blocked


def test_nothing_hostile_reaches_the_terminal():
    explanation = make_explanation()
    for text in ("\n".join(tell_as_text(explanation, most=None)), tell_as_json(explanation)):
        assert not [char for char in text if char != "\n" and not char.isprintable()]


def test_json_holds_every_sample_with_exact_numbers_that_add_up(monkeypatch, capsys, reached):
    answer(monkeypatch, make_explanation(samples=30))

    assert run(monkeypatch, *ASKED, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    (broadcast,) = told["broadcasts"]
    assert (told["adds_up"], told["data"], told["starts_at"]) == (True, "simulated", "2026-03-09T00:00:00.000Z")
    assert sum(sample["weight_ms"] for sample in broadcast["samples"]) == told["kept"]["airtime_ms"]
    assert sum(sample["viewer_ms"] or 0 for sample in broadcast["samples"]) == told["kept"]["viewer_ms"]
    assert broadcast["title"] == HOSTILE


def test_a_broadcast_that_has_no_row_is_told_without_one():
    explanation = make_explanation()
    (broadcast,) = explanation.broadcasts
    lost = replace(broadcast, kept=replace(broadcast.kept, is_kept=False), differences=["no row is kept"])

    (told,) = json.loads(tell_as_json(replace(explanation, broadcasts=[lost])))["broadcasts"]
    assert (told["kept"], told["marks"]) == (None, None)
