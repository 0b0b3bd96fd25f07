"""Writes a world straight into the warehouse tables, for the page and its API.

The rollups hold the plain sums of its samples, each standing for one cadence, and not Airtide's own arithmetic: here
it is tested what is shown; what the numbers mean is tested where they are computed.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from tests.plugins.sums import CADENCE_S, STEP_MS, Row, Sums
from tests.plugins.world import CATEGORIES, PLATFORMS, Session, list_sessions, name_channel

from airtide.domain.keys import hash_id

ZONES = ("UTC", "Asia/Seoul")
BUCKETS = {"youtube": "youtube.units", "twitch": "twitch.points", "soop": "soop.requests"}
UNITS_BOOKED = 1204
ODD_AT = time(20, 5, tzinfo=UTC)
STUCK_HOURS = 3
"""Beside every odd count."""


@dataclass
class Seed:
    """One platform's rows while they are made."""

    platform: str
    ticks: Sequence[datetime]
    outage: tuple[datetime, datetime] | None
    tables: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    channel_days: dict[tuple[str, date, int], Sums] = field(default_factory=lambda: defaultdict(Sums))
    broadcast_days: dict[tuple[str, date, int, int], Sums] = field(default_factory=lambda: defaultdict(Sums))
    category_days: dict[tuple[str, date, int], Sums] = field(default_factory=lambda: defaultdict(Sums))
    hours: dict[datetime, Sums] = field(default_factory=lambda: defaultdict(Sums))
    live: dict[datetime, list[int | None]] = field(default_factory=lambda: defaultdict(list))
    states: dict[tuple[datetime, int, int], list[tuple[datetime, int | None]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    @property
    def now(self) -> datetime:
        """The last tick."""
        return self.ticks[-1]

    def is_out(self, at: datetime) -> bool:
        """Tell whether nothing was swept at `at`."""
        return self.outage is not None and self.outage[0] <= at < self.outage[1]


def seed_world(
    connection: psycopg.Connection, *, now: datetime, days: int = 2, channels: int = 24, seed: int = 7
) -> None:
    """Write a world of `channels` a platform, swept from the UTC midnight `days` before today up to `now`.

    Twitch has an outage of 75 minutes within the last ten hours and one partial sweep after it; some channels hide
    their counts; the largest channel of Twitch has a hostile title and an odd count daily at ODD_AT, the fourth of SOOP
    a hostile name. `connection` may write every table.
    """
    start = datetime.combine(now.date() - timedelta(days=days), datetime.min.time(), UTC)
    count = int((now - start).total_seconds()) // CADENCE_S + 1
    ticks = [start + timedelta(seconds=CADENCE_S * place) for place in range(count)]
    with connection.transaction():
        insert(connection, "policy.store_stamp", [{"kind": "simulated", "stamped_at": start}])
        insert(connection, "trends.zone_day", _list_zone_days(start.date() - timedelta(days=1), days + 4))
        insert(connection, "policy.platform_policy", [_make_policy(platform) for platform in PLATFORMS])
        for platform in PLATFORMS:
            outage = (ticks[-1] - timedelta(hours=9), ticks[-1] - timedelta(hours=7, minutes=45))
            seed_rows = Seed(platform, ticks, outage if platform == "twitch" else None)
            _make_rows(seed_rows, channels, random.Random(f"{seed}{platform}"))
            for day in range(days + 1):
                bounds = (start + timedelta(days=day), start + timedelta(days=day + 1))
                connection.execute("SELECT live.ensure_sample_partition(%s, %s, %s)", (platform, *bounds))
            for table, rows in seed_rows.tables.items():
                insert(connection, table, rows)
        insert(connection, "trends.quality_check", _list_checks(start + timedelta(days=days, hours=3)))


def tell_language(platform: str) -> str:
    """Return what every broadcast of a platform is in."""
    return "ko" if platform == "soop" else "en"


def insert(connection: psycopg.Connection, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all name the same columns."""
    if not rows:
        return
    columns = list(rows[0])
    places = ", ".join(f"%({column})s" for column in columns)
    connection.cursor().executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)


def _list_checks(hour: datetime) -> list[Row]:
    """Return what was seen of an hour of today: SOOP has samples that nobody counted, Twitch was silent."""
    seen = (
        ("soop", "uncounted_samples", "block", 12, 0),
        ("soop", "duplicates", "block", 0, 0),
        ("twitch", "silent_minutes", "warn", 60, 20),
    )
    names = ("platform", "check_name", "severity", "observed", "most")
    return [{"hour": hour, "checked_at": hour, **dict(zip(names, row, strict=True))} for row in seen]


def _make_policy(platform: str) -> Row:
    ages = dict.fromkeys(("raw_age", "text_age", "statistics_age", "picture_age"), timedelta(days=30))
    return {"platform": platform, "pictures": "link", "in_combined_rank": platform != "youtube", **ages}


def _list_zone_days(first: date, count: int) -> list[Row]:
    rows = []
    for zone in ZONES:
        for place in range(count):
            day = first + timedelta(days=place)
            starts_at, ends_at = (
                datetime.combine(edge, datetime.min.time(), ZoneInfo(zone)) for edge in (day, day + timedelta(days=1))
            )
            rows.append({"zone": zone, "day": day, "starts_at": starts_at, "ends_at": ends_at})
    return rows


def _make_rows(seed: Seed, channels: int, rng: random.Random) -> None:
    for name in CATEGORIES[seed.platform]:
        seed.tables["live.category"].append({
            "category_key": hash_id(seed.platform, name),
            "platform": seed.platform,
            "category_id": name,
            "name": name,
            "observed_at": seed.ticks[0],
        })  # fmt: skip
    for channel in range(channels):
        seed.tables["live.channel"].append({
            "channel_key": hash_id(seed.platform, f"ch{channel}"),
            "platform": seed.platform,
            "channel_id": f"ch{channel}",
            "handle": f"{seed.platform}_{channel}",
            "name": name_channel(seed.platform, channel),
            "observed_at": seed.now,
        })  # fmt: skip
        for session in list_sessions(seed.platform, channel, seed.ticks, rng):
            _add_session(seed, session)
    _add_sweeps(seed)
    _add_days(seed)
    _add_hours(seed)
    _add_states(seed)


def _add_session(seed: Seed, session: Session) -> None:
    channel_key = hash_id(seed.platform, f"ch{session.channel}")
    aired = [at for at in seed.ticks if session.starts_at <= at < session.ends_at]
    seen = [at for at in aired if not seed.is_out(at)]
    for at in aired:
        if seed.is_out(at):
            for zone in ZONES:
                day = at.astimezone(ZoneInfo(zone)).date()
                seed.channel_days[zone, day, channel_key].missed_ms += STEP_MS
    if not seen:
        return
    broadcast_key = hash_id(seed.platform, session.broadcast_id)
    detail_key = hash_id(seed.platform, f"detail {session.broadcast_id}")
    has_ended = session.ends_at < seed.now
    seed.tables["live.broadcast"].append({
        "broadcast_key": broadcast_key,
        "platform": seed.platform,
        "broadcast_id": session.broadcast_id,
        "channel_key": channel_key,
        "started_at": session.starts_at,
        "ended_at": session.ends_at if has_ended else None,
        "ended_by": "absence" if has_ended else None,
        "first_sampled_at": seen[0],
        "last_sampled_at": seen[-1],
    })  # fmt: skip
    seed.tables["live.broadcast_detail"].append({
        "detail_key": detail_key,
        "broadcast_key": broadcast_key,
        "observed_from": seen[0],
        "title": session.title,
        "category_key": hash_id(seed.platform, session.category),
        "language": tell_language(seed.platform),
        "tags": [],
        "watch_url": f"https://{seed.platform}.example/{session.broadcast_id}",
        "is_mature": False,
    })  # fmt: skip
    for at in seen:
        viewers = session.count_viewers(at)
        seed.tables["live.sample"].append({
            "sampled_at": at,
            "broadcast_key": broadcast_key,
            "detail_key": detail_key,
            "platform": seed.platform,
            "viewers": viewers,
            "cadence_s": CADENCE_S,
        })  # fmt: skip
        seed.live[at].append(viewers)
        category_key = hash_id(seed.platform, session.category)
        seed.states[at.replace(minute=0), broadcast_key, category_key].append((at, viewers))
        seed.hours[at.replace(minute=0)].add(session, at, viewers)
        for zone in ZONES:
            day = at.astimezone(ZoneInfo(zone)).date()
            seed.channel_days[zone, day, channel_key].add(session, at, viewers)
            of_day = seed.broadcast_days[zone, day, channel_key, broadcast_key]
            of_day.add(session, at, viewers)
            if (seed.platform, session.channel, at.timetz()) == ("twitch", 0, ODD_AT):
                of_day.odd += 1
            seed.category_days[zone, day, category_key].add(session, at, viewers)


def _add_sweeps(seed: Seed) -> None:
    topic = f"airtide.snapshots.{seed.platform}.v1"
    bucket = BUCKETS[seed.platform]
    end_offset = 0
    for place, at in enumerate(seed.ticks):
        if seed.is_out(at):
            continue
        snapshots = len(seed.live[at])
        end_offset += snapshots
        is_partial = seed.platform == "twitch" and place == len(seed.ticks) - 30
        pages = snapshots // 20 + 1
        seed.tables["ingest.sweep"].append({
            "sweep_id": f"{seed.platform}:{at:%Y-%m-%dT%H:%M:%SZ}:{place:08x}",
            "platform": seed.platform,
            "sampled_at": at,
            "started_at": at + timedelta(seconds=1),
            "finished_at": at + timedelta(seconds=3.4),
            "outcome": "partial" if is_partial else "complete",
            "scope": "by_id" if seed.platform == "youtube" else "listing",
            "pages": pages,
            "requests": pages + 1,
            "snapshots": snapshots,
            "duplicates": 0,
            "rejects": 0,
            "absent": [],
            "spend": json.dumps({bucket: pages}),
            "error": "page 3: 500 from the site" if is_partial else None,
            "end_offsets": json.dumps({"0": end_offset}),
            "landed_at": at + timedelta(seconds=9),
            "settled_at": at + timedelta(seconds=9),
            "viewer_floor": 5 if seed.platform == "twitch" else None,
            "is_filtered": False,
            "unknown_fields": json.dumps({"<b>isRerun</b>": 4} if seed.platform == "soop" else {}),
        })  # fmt: skip
    seed.tables["ingest.position"].append({
        "topic": topic,
        "topic_partition": 0,
        "topic_id": f"id of {seed.platform}",
        "first_offset": 0,
        "next_offset": end_offset,
        "updated_at": seed.now,
    })  # fmt: skip
    if seed.platform == "youtube":
        _add_quotas(seed)
    if seed.platform == "soop":
        seed.tables["ingest.landing_status"].append(_make_landing(topic, end_offset, seed.now))
        seed.tables["ingest.capture_status"].append(_make_capture(topic, end_offset, seed.now))
        seed.tables["ingest.dead_letter"] += [_make_dead_letter(topic, place, seed.now) for place in range(3)]


def _add_quotas(seed: Seed) -> None:
    """Let YouTube's searches be closed by the site, and some of its units be spent since midnight of its zone."""
    midnight = seed.now.astimezone(ZoneInfo("America/Los_Angeles")).replace(hour=0, minute=0)
    for bucket, spent, closed_at in (("youtube.search", 34, seed.now), ("youtube.units", UNITS_BOOKED, None)):
        seed.tables["ingest.quota_spend"].append({
            "bucket": bucket,
            "starts_at": midnight,
            "resets_at": midnight + timedelta(days=1),
            "spent": spent,
            "booked_at": seed.now,
            "closed_at": closed_at,
        })  # fmt: skip


def _make_landing(topic: str, end_offset: int, now: datetime) -> Row:
    """Return a landing that has failed for a while, with messages that wait for it."""
    lag = {
        "topic": topic,
        "topic_partition": 0,
        "next_offset": end_offset,
        "end_offset": end_offset + 1234,
        "messages": 1234,
        "lost": 0,
        "waiting_since": (now - timedelta(minutes=4)).isoformat(),
    }
    return {
        "platform": "soop",
        "lags": json.dumps([lag]),
        "lag_measured_at": now,
        "landed_at": now - timedelta(minutes=5),
        "batches": 2,
        "messages": 5000,
        "samples": 4900,
        "seconds": 2.5,
        "failing_since": now - timedelta(minutes=4),
        "failed_at": now,
        "error": "batch 7 of soop: <b>21 bad messages</b> in a row",
    }


def _make_capture(topic: str, end_offset: int, now: datetime) -> Row:
    """Return a capture of pictures that fails, with messages that wait for it."""
    landing = _make_landing(topic, end_offset, now)
    shared = {name: landing[name] for name in ("platform", "lags", "lag_measured_at", "failing_since")}
    return {**shared, "captured_at": now - timedelta(minutes=5), "pictures": 77, "error": "the store is <b>down</b>"}


def _make_dead_letter(topic: str, record_offset: int, now: datetime) -> Row:
    return {
        "topic": topic,
        "topic_id": "id of soop",
        "topic_partition": 0,
        "record_offset": record_offset,
        "reason": "broad_no is missing",
        "detail": "row 7 of page 1",
        "headers": "[]",
        "raw": b"{}",
        "found_at": now - timedelta(hours=2),
    }


def _add_days(seed: Seed) -> None:
    whole: dict[tuple[str, date], Sums] = defaultdict(Sums)
    channels: dict[tuple[str, date], int] = defaultdict(int)
    for (zone, day, channel_key), sums in seed.channel_days.items():
        whole[zone, day].merge(sums)
        channels[zone, day] += 1
        where = {"zone": zone, "day": day, "platform": seed.platform, "channel_key": channel_key}
        live_ms = sums.airtime_ms + sums.missed_ms
        seed.tables["trends.channel_day"].append({**where, "live_ms": live_ms, **sums.measures(seed.now)})
    for (zone, day, channel_key, broadcast_key), sums in seed.broadcast_days.items():
        measures = sums.measures(seed.now)
        del measures["broadcasts"]
        seed.tables["trends.broadcast_day"].append({
            "zone": zone,
            "day": day,
            "platform": seed.platform,
            "broadcast_key": broadcast_key,
            "channel_key": channel_key,
            "language": tell_language(seed.platform),
            "live_ms": sums.airtime_ms,
            "step_jumps": sums.odd,
            "stuck_hours": sums.odd * STUCK_HOURS,
            **measures,
        })  # fmt: skip
    for (zone, day, category_key), sums in seed.category_days.items():
        where = {"zone": zone, "day": day, "platform": seed.platform, "category_key": category_key}
        counted = {"active_channels": len(sums.broadcasts), **sums.measures(seed.now)}
        seed.tables["trends.category_day"].append({**where, **counted})
    for (zone, day), sums in whole.items():
        row = {
            "zone": zone,
            "day": day,
            "platform": seed.platform,
            "active_channels": channels[zone, day],
            "live_ms": sums.airtime_ms + sums.missed_ms,
            **sums.measures(seed.now),
        }
        seed.tables["trends.platform_day"].append(row)
        seed.tables["trends.language_day"].append({**row, "language": tell_language(seed.platform)})


def _add_hours(seed: Seed) -> None:
    for hour, sums in seed.hours.items():
        totals = {at: sum(filter(None, counts)) for at, counts in seed.live.items() if at.replace(minute=0) == hour}
        peak_at = max(totals, key=totals.__getitem__)
        seed.tables["trends.platform_hour"].append({
            "platform": seed.platform,
            "hour": hour,
            "active_channels": len(sums.broadcasts),
            "peak_concurrent": totals[peak_at],
            "peak_concurrent_at": peak_at,
            "peak_concurrent_hidden": seed.live[peak_at].count(None),
            **sums.measures(seed.now),
        })  # fmt: skip


def _add_states(seed: Seed) -> None:
    for (hour, broadcast_key, category_key), counts in seed.states.items():
        known = [(viewers, at) for at, viewers in counts if viewers is not None]
        peak_viewers, peak_at = max(known, default=(None, None))
        seed.tables["trends.broadcast_hour"].append({
            "platform": seed.platform,
            "hour": hour,
            "broadcast_key": broadcast_key,
            "category_key": category_key,
            "samples": len(counts),
            "known_samples": len(known),
            "airtime_ms": len(counts) * STEP_MS,
            "known_airtime_ms": len(known) * STEP_MS,
            "viewer_ms": sum(viewers for viewers, _ in known) * STEP_MS,
            "peak_viewers": peak_viewers,
            "peak_at": peak_at,
            **{f"first_{name}": value for name, value in _tell_end(seed, *counts[0]).items()},
            **{f"last_{name}": value for name, value in _tell_end(seed, *counts[-1]).items()},
            "computed_at": seed.now,
            "revision": 1,
            "definitions_version": 1,
        })  # fmt: skip


def _tell_end(seed: Seed, at: datetime, viewers: int | None) -> Row:
    return {"at": at, "viewers": viewers, "cadence_s": CADENCE_S, "language": tell_language(seed.platform)}
