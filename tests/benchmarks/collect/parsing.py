"""Parsing: pages that a simulated site rendered go through the real client once more, without the network."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from unittest import mock

import msgspec
from tests.benchmarks.collect.sites import SEED, find_busy_minute, open_source, running_sites
from tests.benchmarks.measures import Measure

from airtide.domain.models import Platform, Scope
from airtide.domain.pages import Tally
from airtide.platforms.decoding import decode_answer
from airtide.platforms.http import Answer, SiteHttp
from airtide.platforms.registry import SiteSource
from airtide.settings import POLLED_PLATFORMS
from airtide.simulators.world import World

CHANNELS = 8_000
"""About a thousand of them are live."""
FEWEST_A_SECOND = 100_000
RECORDS_A_RUN = 50_000
RUNS = 15
"""Half a second each: a shared machine may be slow for longer than five of them."""

_BODIES = msgspec.json.Decoder(msgspec.Raw)

Recorded = dict[tuple[str, ...], Answer[bytes]]


def parse_often(platform: Platform) -> Sequence[float]:
    """Return records a second of CPU time, run by run."""
    tick = find_busy_minute(platform, 0)
    recorded: Recorded = {}
    with running_sites(CHANNELS) as environment:
        source = open_source(environment, platform, tick)
        asked = _list_live(platform, int(tick.timestamp())) if source.scope is Scope.BY_ID else ()
        with mock.patch.object(SiteHttp, "get", _record_into(recorded)):
            _read(source, asked)
    with mock.patch.object(SiteHttp, "get", _answer_from(recorded)):
        return [_time_parsing(source, asked) for _ in range(RUNS)]


def _list_live(platform: Platform, at_s: int) -> tuple[str, ...]:
    return tuple(live.broadcast.broadcast_id for live in World(SEED, CHANNELS).live(platform, at_s))


def _time_parsing(source: SiteSource, asked: Sequence[str]) -> float:
    records = 0
    begun = time.process_time()
    while records < RECORDS_A_RUN:
        records += _read(source, asked)
    return records / (time.process_time() - begun)


def _read(source: SiteSource, asked: Sequence[str]) -> int:
    """Read one sweep and return how many records it had; raises `ValueError` for pages that failed."""
    tick = find_busy_minute(source.platform, 0)
    records = 0
    for page in source.read_pages(
        sweep_id="benchmark", sampled_at=tick, tally=Tally(), asked=dict.fromkeys(asked, 300)
    ):
        if page.error is not None or page.rejects:
            raise ValueError(f"{source.platform}: page {page.number}: {page.error or page.rejects[0].reason}")
        records += len(page.snapshots)
    return records


def _record_into(recorded: Recorded) -> Callable[..., Answer[Any]]:
    get = SiteHttp.get

    def record(http: SiteHttp, url: str, decoder: msgspec.json.Decoder[Any], **options: Any) -> Answer[Any]:
        answer = get(http, url, _BODIES, **options)
        body = bytes(answer.value)
        recorded[_name_call(url, options)] = replace(answer, value=body)
        return replace(answer, value=decoder.decode(body))

    return record


def _answer_from(recorded: Recorded) -> Callable[..., Answer[Any]]:
    def answer(_http: SiteHttp, url: str, decoder: msgspec.json.Decoder[Any], **options: Any) -> Answer[Any]:
        told = recorded[_name_call(url, options)]
        return replace(told, value=decode_answer(url, told.value, decoder))

    return answer


def _name_call(url: str, options: Mapping[str, Any]) -> tuple[str, ...]:
    return (url, *map(str, (options.get("params") or {}).items()))


MEASURES = tuple(
    Measure(
        name=f"{platform}: parsing on one core",
        unit="records/s",
        target=FEWEST_A_SECOND,
        better="higher",
        run=lambda platform=platform: parse_often(platform),
    )
    for platform in POLLED_PLATFORMS
)
