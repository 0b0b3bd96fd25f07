"""A refused record on its whole way: dead letter, mended by the parser of today, sent back, landed, accounted for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from confluent_kafka.admin import AdminClient
from tests.fakes.observations import make_snapshot
from tests.landed_views import read_view
from tests.oracle import assert_whole
from tests.unit.platforms.parser_cases import read_full_record, write_record

from airtide.bus.producer import KafkaSink
from airtide.bus.ranges import KafkaLog
from airtide.bus.reread import MessageCodec
from airtide.bus.setup import ensure_topics
from airtide.bus.topics import platform_topics, snapshots_topic
from airtide.domain.clock import WallClock, floor_to_cadence
from airtide.domain.dead_letters import LetterQuery
from airtide.domain.errors import PartUnreachable
from airtide.domain.keys import hash_id
from airtide.domain.models import Platform, Reject, Sighting
from airtide.lake.lake import SnapshotLake
from airtide.lake.s3_store import S3Store
from airtide.pipeline.land import LandingOutcome, land_platform
from airtide.pipeline.mend import Mender
from airtide.pipeline.replay import replay_letters
from airtide.pipeline.stop_line import BadRecordLimits
from airtide.platforms.reparse import parse_again
from airtide.warehouse.connect import Role, connect
from airtide.warehouse.dead_letters import WarehouseLetters
from airtide.warehouse.ledger import WarehouseLedger
from airtide.warehouse.policies import PlatformPolicy, write_policies
from airtide.warehouse.zone_days import ensure_zone_days

POLLED = Platform.KICK
RAW_AGE = timedelta(days=30)
TICK = floor_to_cadence(datetime.now(UTC) - timedelta(minutes=10), 300)
QUERY = LetterQuery(topics=(snapshots_topic(POLLED),), reason="of the way of replays")
RECORD = read_full_record(POLLED)


class UnmarkedLetters(WarehouseLetters):
    """Dies between the messages and the mark."""

    def mark_replayed(self, letters, *, at):
        raise PartUnreachable("killed before the mark")


@pytest.fixture
def store(s3, bucket) -> S3Store:
    return S3Store(s3, bucket)


def prepare(kafka, warehouse) -> None:
    topics = platform_topics(
        POLLED, snapshot_partitions=4, replication_factor=1, min_insync_replicas=1, raw_age=timedelta(days=1)
    )
    # anew: markers of other tests' transactions would be offsets that nobody delivers
    with AdminClient({"bootstrap.servers": kafka["bootstrap.servers"]}) as admin:
        known = admin.list_topics(timeout=20).topics
        gone = [topic.name for topic in topics if topic.name in known]
        for removed in admin.delete_topics(gone, operation_timeout=20).values() if gone else ():
            removed.result()
    ensure_topics(kafka, topics, deadline_s=20)
    ages = dict.fromkeys(("raw_age", "text_age", "statistics_age", "picture_age"), RAW_AGE)
    policy = PlatformPolicy(platform=POLLED, pictures="link", in_combined_rank=True, **ages)
    with connect(warehouse.superuser, Role.OWNER) as connection:
        write_policies(connection, [policy])
    with connect(warehouse.address, Role.ROLLUP) as connection:
        days = {"first_day": (TICK - timedelta(days=2)).date(), "last_day": (TICK + timedelta(days=2)).date()}
        ensure_zone_days(connection, ["UTC"], **days)


def test_a_refused_record_is_mended_sent_back_and_lands_once_though_sent_twice(kafka, warehouse, store):
    prepare(kafka, warehouse)
    ledger, letters = WarehouseLedger(warehouse.address), WarehouseLetters(warehouse.address)
    mender = Mender(codec=MessageCodec(), parse=parse_again, read_raw_age=ledger.read_raw_age, clock=WallClock())
    with KafkaSink(kafka, deadline_s=20) as sink, KafkaLog(kafka, deadline_s=20) as log:

        def land() -> LandingOutcome:
            return land_platform(
                POLLED,
                log=log,
                lake=SnapshotLake(store),
                ledger=ledger,
                clock=WallClock(),
                max_snapshots=1000,
                limits=BadRecordLimits(max_in_row=10_000, max_share=1, min_for_share=20),
            )

        def replay(kept_in: WarehouseLetters, *, dry_run: bool = False) -> int:
            outcome = replay_letters(QUERY, letters=kept_in, sink=sink, mender=mender, limit=10, dry_run=dry_run)
            return outcome.mended

        seen = Sighting(sweep_id="kick:of the way of replays", sampled_at=TICK, fetched_at=TICK, cadence_s=300)
        refused = Reject(platform=POLLED, reason=QUERY.reason or "", raw=write_record(RECORD), seen=seen)
        sink.publish_snapshots(
            POLLED, [make_snapshot("good", platform=POLLED, sampled_at=TICK, fetched_at=TICK), refused]
        )
        first = land()
        assert (first.samples, first.dead_letters) == (1, 1)

        assert replay(letters, dry_run=True) == 1
        assert land().batches == 0
        with pytest.raises(PartUnreachable, match="killed"):
            replay(UnmarkedLetters(warehouse.address))
        assert replay(letters) == 1
        assert replay(letters) == 0
        mended = land()
        assert (mended.messages, mended.samples, mended.dead_letters) == (2, 1, 0)

    view = read_view(warehouse.address, POLLED)
    place = (int(TICK.timestamp() * 1000), hash_id(POLLED, RECORD["id"]))
    assert view.samples[place].viewers == RECORD["viewer_count"]
    [kept] = letters.read_letters(LetterQuery(topics=QUERY.topics, reason=QUERY.reason, with_replayed=True), limit=10)
    assert kept.replayed_at is not None
    assert_whole(view, store, POLLED)
