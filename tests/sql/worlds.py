"""Random broadcasts that land in pieces, and the marks that a landing leaves for them."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import psycopg

from airtide.domain.cells import ObservedBroadcast, ViewerSample
from airtide.domain.dirty import Dirty, KnownBounds, find_dirty_by_bounds, find_dirty_by_samples
from airtide.domain.periods import HOUR_MS, ZoneDay
from airtide.warehouse.zone_days import find_zone_days

ZONES = ("UTC", "Asia/Seoul", "America/Havana")
"""Havana turns its clocks at midnight."""
PLATFORMS = ("twitch", "soop")
CLOCK_CHANGES = (date(2026, 3, 8), date(2026, 11, 1))
_CADENCES_S = (1, 60, 300, 300, 300, 900, 1_800)
_LANGUAGES = ("", "ko", "en")


def to_instant(epoch_ms: int) -> datetime:
    """Return epoch milliseconds as an aware instant, exactly."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=epoch_ms)


def to_ms(instant: datetime) -> int:
    """Return an instant as epoch milliseconds, exactly."""
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


@dataclass(slots=True)
class Told:
    """What has been told of one broadcast so far."""

    broadcast_key: int
    platform: str
    channel_key: int
    samples: dict[int, ViewerSample] = field(default_factory=dict)
    started_at_ms: int | None = None
    ended_at_ms: int | None = None

    def observed(self) -> ObservedBroadcast | None:
        """Return it as the arithmetic wants it; None while nothing of it was sampled."""
        if not self.samples:
            return None
        return ObservedBroadcast(
            broadcast_key=self.broadcast_key,
            channel_key=self.channel_key,
            samples=tuple(self.samples[instant] for instant in sorted(self.samples)),
            started_at_ms=self.started_at_ms,
            ended_at_ms=self.ended_at_ms,
        )

    def bounds(self) -> KnownBounds:
        """Return its ends as a landing knows them."""
        return KnownBounds(
            started_at_ms=self.started_at_ms,
            ended_at_ms=self.ended_at_ms,
            first_sampled_at_ms=min(self.samples, default=None),
            last_sampled_at_ms=max(self.samples, default=None),
        )


def make_corner_cases(midnight_s: int) -> list[tuple[list[ViewerSample], int | None, int | None]]:
    """Return samples, start and end of broadcasts that chance would seldom make, around a midnight UTC."""

    def sample(minute: float, viewers: int, *, minutes: int = 5, language: str = "") -> ViewerSample:
        instant_ms = (midnight_s + round(minute * 60)) * 1_000
        return ViewerSample(sampled_at_ms=instant_ms, viewers=viewers, cadence_s=60 * minutes, language=language)

    def instant(minute: int) -> int:
        return (midnight_s + minute * 60) * 1_000

    return [
        # a start and an end within three cadences and beyond an hour
        ([sample(300, 10, minutes=30)], instant(300 - 75), instant(300 + 75)),
        # the largest counts at the very end and after it
        ([sample(400, 7_000), sample(405, 8_000), sample(410, 9_000)], None, instant(405)),
        # a last sample at midnight that has no time
        ([sample(-5, 10), sample(0, 10)], None, instant(-2)),
        # a head alone reaches over midnight, and the language changes in its hour
        ([sample(5, 10, language="ko"), sample(10, 10, language="en")], instant(-5), None),
        # counts before and after an hour's first and last tick
        ([sample(599, 20_000), sample(603, 1), sample(657, 1), sample(661, 30_000)], None, None),
    ]


class World:
    """Broadcasts of two platforms around a change of clocks, made from a seed."""

    def __init__(self, seed: int, *, broadcasts: int = 12, longest: int = 40) -> None:
        self._random = random.Random(seed)
        centre = CLOCK_CHANGES[seed % len(CLOCK_CHANGES)]
        self.first_day, self.last_day = centre - timedelta(days=5), centre + timedelta(days=13)
        self.days: list[ZoneDay] = [
            day for zone in ZONES for day in find_zone_days(zone, self.first_day, self.last_day)
        ]
        self._begin_s = to_ms(datetime.combine(centre, datetime.min.time(), UTC)) // 1_000
        self.told: list[Told] = []
        self._unseen: dict[int, list[ViewerSample]] = {}
        self._wavering: list[Told] = []
        """Those whose start and end the site tells anew with each landing."""
        for samples, start_ms, end_ms in make_corner_cases(self._begin_s):
            self._add(samples, start_ms, end_ms)
        for _ in range(broadcasts):
            self._wavering.append(self._add(self._make_samples(longest), None, None))

    def _add(self, samples: list[ViewerSample], started_at_ms: int | None, ended_at_ms: int | None) -> Told:
        platform = self._random.choice(PLATFORMS)
        told = Told(
            broadcast_key=len(self.told) + 1,
            platform=platform,
            channel_key=100 + 50 * PLATFORMS.index(platform) + len(self.told) % 5,
            started_at_ms=started_at_ms,
            ended_at_ms=ended_at_ms,
        )
        self.told.append(told)
        self._unseen[told.broadcast_key] = samples
        return told

    def _make_samples(self, longest: int) -> list[ViewerSample]:
        pick = self._random
        instant_s = self._begin_s + pick.randrange(-30 * 3_600, 30 * 3_600, 60)
        cadence_s, category_key, language = pick.choice(_CADENCES_S), pick.randrange(3), pick.choice(_LANGUAGES)
        samples = []
        for _ in range(pick.randint(1, longest)):
            if pick.random() < 0.15:
                cadence_s, category_key, language = pick.choice(_CADENCES_S), pick.randrange(3), pick.choice(_LANGUAGES)
            viewers = pick.choice((None, 0, pick.randrange(9), pick.randrange(5_000)))
            samples.append(
                ViewerSample(
                    sampled_at_ms=instant_s * 1_000,
                    viewers=viewers,
                    cadence_s=cadence_s,
                    category_key=category_key,
                    language=language,
                )
            )
            instant_s += self._make_distance_s(samples[-1])
        return samples

    def _make_distance_s(self, sample: ViewerSample) -> int:
        pick = self._random
        max_gap_s = sample.max_gap_ms // 1_000
        odd = (
            max_gap_s - 1,
            max_gap_s,
            max_gap_s + 1,
            1,
            3_599,
            3_600,
            3_601,
            pick.randrange(1, 7_200),
            30 * 3_600,
            60 * 3_600,
        )
        chance = pick.random()
        if chance < 0.04:
            return pick.choice(odd[-2:])
        return max(1, pick.choice(odd[:-2])) if chance < 0.3 else sample.cadence_s

    def land_some(self, connection: psycopg.Connection, share: float) -> None:
        """Land about this share of what is unseen of every broadcast, in one transaction with its marks."""
        with connection.transaction():
            for told in self.told:
                before = told.bounds()
                unseen = self._unseen[told.broadcast_key]
                landed = [sample for sample in unseen if self._random.random() < share]
                self._unseen[told.broadcast_key] = [sample for sample in unseen if sample not in landed]
                told.samples.update({sample.sampled_at_ms: sample for sample in landed})
                if told in self._wavering:
                    self._tell_ends(told)
                write_samples(connection, told, [*landed, *self._make_duplicates(told)])
                write_broadcast(connection, told)
                dirty = find_dirty_by_samples((s.sampled_at_ms for s in landed), self.days)
                write_marks(connection, told.platform, dirty | find_dirty_by_bounds(before, told.bounds(), self.days))

    def _make_duplicates(self, told: Told) -> list[ViewerSample]:
        """Return samples at ticks that have landed, with other numbers and attributes: the first ones stay."""
        return [
            replace(sample, viewers=9_999, cadence_s=1, category_key=(sample.category_key + 1) % 3, language="en")
            for sample in told.samples.values()
            if self._random.random() < 0.1
        ]

    def _tell_ends(self, told: Told) -> None:
        """Let the site tell a start or an end beside a sample or far from all; the earliest and the latest stay."""
        if told.samples and self._random.random() < 0.4:
            starts_ms = (told.started_at_ms, self._make_instant_beside(told))
            told.started_at_ms = min(start for start in starts_ms if start is not None)
        if told.samples and self._random.random() < 0.4:
            ends_ms = (told.ended_at_ms, self._make_instant_beside(told))
            told.ended_at_ms = max(end for end in ends_ms if end is not None)

    def _make_instant_beside(self, told: Told) -> int:
        pick = self._random
        distance_s = pick.choice((0, 1, 150, 900, 1_800, 3_600, 3_601, 7_200, 40 * 3_600, 70 * 3_600))
        beside_ms = pick.choice((-1, 1)) * distance_s * 1_000 + pick.choice((0, 0, 999))
        return pick.choice(sorted(told.samples)) + beside_ms

    def observed_on(self, platform: str) -> list[ObservedBroadcast]:
        """Return what was sampled on one platform."""
        return [
            observed for told in self.told if told.platform == platform and (observed := told.observed()) is not None
        ]


def detail_key_of(told: Told, sample: ViewerSample) -> int:
    """Return the key of the attributes that a sample was seen with."""
    return told.broadcast_key * 100 + sample.category_key * 10 + _LANGUAGES.index(sample.language)


def write_samples(connection: psycopg.Connection, told: Told, samples: Iterable[ViewerSample]) -> None:
    """Insert samples and their attributes; one that is there stays as it is."""
    rows = list(samples)
    days = {to_instant(sample.sampled_at_ms).replace(hour=0, minute=0, second=0) for sample in rows}
    cursor = connection.cursor()
    for day in days:
        cursor.execute("SELECT live.ensure_sample_partition(%s, %s, %s)", (told.platform, day, day + timedelta(days=1)))
    cursor.executemany(
        "INSERT INTO live.broadcast_detail (detail_key, broadcast_key, observed_from, category_key, language, tags) "
        "VALUES (%s, %s, %s, %s, %s, '{}') ON CONFLICT DO NOTHING",
        [
            (
                detail_key_of(told, sample),
                told.broadcast_key,
                to_instant(sample.sampled_at_ms),
                sample.category_key,
                sample.language or None,
            )
            for sample in rows
        ],
    )
    cursor.executemany(
        "INSERT INTO live.sample (platform, sampled_at, broadcast_key, detail_key, viewers, cadence_s) "
        "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        [
            (
                told.platform,
                to_instant(sample.sampled_at_ms),
                told.broadcast_key,
                detail_key_of(told, sample),
                sample.viewers,
                sample.cadence_s,
            )
            for sample in rows
        ],
    )


def write_broadcast(connection: psycopg.Connection, told: Told) -> None:
    """Write what is known of the broadcast; an end that nobody told is inferred by silence, which changes no number."""
    bounds = told.bounds()
    inferred = told.ended_at_ms is None and told.broadcast_key % 2 == 0 and bounds.last_sampled_at_ms is not None
    ended_at_ms = (bounds.last_sampled_at_ms or 0) + HOUR_MS if inferred else told.ended_at_ms
    instants = (told.started_at_ms, ended_at_ms, bounds.first_sampled_at_ms, bounds.last_sampled_at_ms)
    connection.execute(
        "INSERT INTO live.broadcast (broadcast_key, platform, broadcast_id, channel_key, started_at, ended_at, "
        "first_sampled_at, last_sampled_at, ended_by) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) "
        "ON CONFLICT (broadcast_key) DO UPDATE SET started_at = EXCLUDED.started_at, ended_at = EXCLUDED.ended_at, "
        "first_sampled_at = EXCLUDED.first_sampled_at, last_sampled_at = EXCLUDED.last_sampled_at, "
        "ended_by = EXCLUDED.ended_by",
        (
            told.broadcast_key,
            told.platform,
            str(told.broadcast_key),
            told.channel_key,
            *(None if instant is None else to_instant(instant) for instant in instants),
            None if ended_at_ms is None else "silence" if inferred else "site",
        ),
    )


def write_marks(connection: psycopg.Connection, platform: str, dirty: Dirty) -> None:
    """Append what a landing made stale."""
    cursor = connection.cursor()
    cursor.executemany(
        "INSERT INTO trends.dirty_hour (platform, hour, with_state) VALUES (%s, %s, %s)",
        [(platform, to_instant(hour), hour in dirty.state_hours) for hour in sorted(dirty.hours)],
    )
    cursor.executemany(
        "INSERT INTO trends.dirty_day (platform, zone, day) VALUES (%s, %s, %s)",
        [(platform, day.zone, day.day) for day in sorted(dirty.days, key=lambda day: (day.zone, day.day))],
    )


def write_policies(connection: psycopg.Connection, raw_age: timedelta, statistics_age: timedelta) -> None:
    """Let samples and statistics of every platform grow this old."""
    connection.cursor().executemany(
        "INSERT INTO policy.platform_policy (platform, raw_age, text_age, statistics_age, picture_age, pictures, "
        "in_combined_rank) VALUES (%s, %s, %s, %s, %s, 'never', TRUE) ON CONFLICT (platform) DO UPDATE SET "
        "raw_age = EXCLUDED.raw_age, statistics_age = EXCLUDED.statistics_age",
        [(platform, raw_age, raw_age, statistics_age, raw_age) for platform in PLATFORMS],
    )
