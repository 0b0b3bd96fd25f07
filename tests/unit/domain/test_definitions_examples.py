"""The worked examples of docs/definitions.md, computed anew."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from tests.unit.domain.viewership_builders import FIRST_DAY_MS, at, broadcast, sample, span

from airtide.domain.cells import ObservedBroadcast, cells
from airtide.domain.concurrency import find_peak_concurrent
from airtide.domain.display import round_amount, round_share
from airtide.domain.groups import measure_categories, measure_languages
from airtide.domain.periods import Period
from airtide.domain.viewership import DEFINITIONS_VERSION, DayMeasures, Measures, measure, measure_day

DEFINITIONS = Path(__file__).parents[3] / "docs" / "definitions.md"
SAMPLE = re.compile(r"(\S+)\s+(\S+)\s+every (\d+) min(?:, (\w+), (\w+))?")
CATEGORIES = (None, "chess", "music")


@dataclass
class Example:
    """One block of the page: the broadcasts it gives and the lines it claims of them."""

    broadcasts: list[dict[str, Any]] = field(default_factory=lambda: [{"samples": []}])
    claims: list[str] = field(default_factory=list)

    def observe(self) -> list[ObservedBroadcast]:
        return [
            broadcast(*given["samples"], start=given.get("start"), end=given.get("end"), key=key)
            for key, given in enumerate(self.broadcasts)
        ]


def read_examples() -> Iterator[Example]:
    for block in re.findall(r"```example\n(.*?)```", DEFINITIONS.read_text(encoding="utf-8"), re.DOTALL):
        example = Example()
        for line in filter(None, block.splitlines()):
            word, rest = re.split(r"\s+", line, maxsplit=1)
            if word == "broadcast":
                if example.broadcasts[-1]["samples"]:
                    example.broadcasts.append({"samples": []})
            elif word == "sample":
                clock, viewers, minutes, category, language = SAMPLE.fullmatch(rest).groups()
                taken = sample(
                    clock,
                    None if viewers == "hidden" else int(viewers),
                    minutes=int(minutes),
                    category=CATEGORIES.index(category),
                    language=language or "",
                )
                example.broadcasts[-1]["samples"].append(taken)
            elif word in ("start", "end"):
                example.broadcasts[-1][word] = rest
            else:
                example.claims.append(re.sub(r"\s+", " ", line))
        yield example


def clock_of(instant_ms: int) -> str:
    hours, rest = divmod((instant_ms - FIRST_DAY_MS) // 1_000, 3_600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours:02}:{minutes:02}" + (f":{seconds:02}" if seconds else "")


def tell_measures(numbers: Measures) -> dict[str, str]:
    average, share = numbers.average_viewers, numbers.known_share
    return {
        "samples": str(numbers.samples),
        "known samples": str(numbers.known_samples),
        "airtime": f"{numbers.airtime_ms / 60_000:g} min",
        "known airtime": f"{numbers.known_airtime_ms / 60_000:g} min",
        "hours watched": f"{round_amount(numbers.hours_watched, decimals=2).normalize():f}",
        "average viewers": str(None if average is None else round_amount(average)),
        "peak viewers": f"{numbers.peak_viewers} at {clock_of(numbers.peak_at_ms or 0)}",
        "known share": "unknown" if share is None else f"{round_share(share)} %",
    }


def tell_group(claim: str, observed: list[ObservedBroadcast]) -> str:
    """Return the line that should stand in place of one about a category or language."""
    word, name, start, _, end, told = claim.split(" ", 5)
    period, opening = span(start, end), f"{word} {name} {start} to {end}"
    if told.startswith("peak concurrent"):
        return f"{opening} peak concurrent {tell_peak(observed, period, CATEGORIES.index(name))}"
    if word == "category":
        category = measure_categories(observed, period).get(CATEGORIES.index(name))
        numbers = category and {"broadcasts": str(category.broadcasts)} | tell_measures(category.measures)
    else:
        language = measure_languages(observed, period).get(name)
        numbers = language and {"broadcasts": str(language.broadcasts)} | tell_day(language.row)
    asked = re.match(r"[a-z ]*[a-z]", told)
    assert asked is not None
    return f"{opening} {asked[0]} {numbers.get(asked[0])}" if numbers else f"{opening} no row"


def tell_peak(observed: list[ObservedBroadcast], period: Period, category_key: int | None = None) -> str:
    peak = find_peak_concurrent(observed, period, category_key=category_key)
    assert peak is not None
    return f"{peak.viewers} at {clock_of(peak.at_ms)} beside {peak.hidden_broadcasts} hidden"


def tell_day(row: DayMeasures) -> dict[str, str]:
    return tell_measures(row.measures) | {
        "live time": f"{row.live_ms / 60_000:g} min",
        "coverage": f"{round_share(row.coverage or Fraction(0))} %",
    }


def tell_claimed(claim: str, observed: list[ObservedBroadcast]) -> str:
    """Return the line that should stand in place of `claim`."""
    word, rest = claim.split(" ", 1)
    only = observed[0]
    if word in ("category", "language"):
        return tell_group(claim, observed)
    if word == "cell":
        cell = next(cell for cell in cells(only) if cell.sample.sampled_at_ms == at(rest.split()[0]))
        return f"cell {rest.split()[0]} {clock_of(cell.start_ms)} to {clock_of(cell.end_ms)}"
    start, _, end, told = rest.split(" ", 3)
    period, opening = span(start, end), f"{word} {start} to {end}"
    if word == "peak":
        return f"{opening} {tell_peak(observed, period)}"
    name = re.match(r"[a-z ]*[a-z]", told)
    assert name is not None
    if word == "in":
        return f"{opening} {name[0]} {tell_measures(measure(only, period))[name[0]]}"
    row = measure_day(only, period)
    if row is None:
        return f"{opening} no row"
    return f"{opening} {name[0]} {tell_day(row).get(name[0])}"


def test_the_page_has_examples_for_every_kind_of_claim() -> None:
    words = {claim.split()[0] for example in read_examples() for claim in example.claims}
    assert words == {"cell", "in", "day", "peak", "category", "language"}


@pytest.mark.parametrize("example", list(read_examples()), ids=lambda example: example.claims[0])
def test_every_figure_of_an_example_is_what_the_arithmetic_gives(example: Example) -> None:
    observed = example.observe()
    assert example.claims == [tell_claimed(claim, observed) for claim in example.claims]


def test_the_page_names_the_version_of_the_definitions() -> None:
    assert f"this page is version {DEFINITIONS_VERSION}" in DEFINITIONS.read_text(encoding="utf-8")
