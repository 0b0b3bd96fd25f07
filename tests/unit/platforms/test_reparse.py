"""Records parsed again long after their sweep."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from tests.unit.platforms.parser_cases import CASES, OBSERVATIONS, PARSERS, read_full_record, write_record

from airtide.domain.errors import BadRecord
from airtide.domain.models import Platform, Sighting
from airtide.platforms.reparse import parse_again

OBSERVATION = OBSERVATIONS[Platform.TWITCH]
SEEN = Sighting(
    sweep_id=OBSERVATION.sweep_id,
    sampled_at=OBSERVATION.sampled_at,
    fetched_at=OBSERVATION.fetched_at,
    cadence_s=OBSERVATION.cadence_s,
)
KICK_V1 = [case["record"] for platform, name, case in CASES if platform is Platform.KICK and name == "v1_full"]


@pytest.mark.parametrize("platform", PARSERS)
def test_a_record_is_seen_as_its_sweep_would_have_seen_it_but_for_the_names_of_categories(platform):
    raw = write_record(read_full_record(platform))
    again = parse_again(platform, raw, SEEN)
    at_once = PARSERS[platform](raw)
    if platform in (Platform.SOOP, Platform.YOUTUBE):
        assert (again.category_name, at_once.category_name is None) == (None, False)
        again = replace(again, category_name=at_once.category_name)
    assert again == at_once


@pytest.mark.parametrize("platform", PARSERS)
def test_a_record_that_is_still_wrong_is_refused(platform):
    with pytest.raises(BadRecord):
        parse_again(platform, b"{}", SEEN)


def test_kicks_first_version_has_ids_of_its_own_in_both_its_forms():
    listed = parse_again(Platform.KICK, write_record(KICK_V1[0]), SEEN, is_kick_v1=True)
    by_channel = parse_again(Platform.KICK, write_record(read_full_record(Platform.KICK)), SEEN, is_kick_v1=True)
    for snapshot in (listed, by_channel):
        assert snapshot.broadcast_id == f"{snapshot.channel_id}-{int(snapshot.started_at.timestamp())}"


def test_what_the_first_parser_says_is_the_reason():
    broken = {**KICK_V1[0], "viewer_count": "many"}
    with pytest.raises(BadRecord, match=r"\$\.viewer_count"):
        parse_again(Platform.KICK, json.dumps(broken).encode(), SEEN, is_kick_v1=True)
