"""However the same messages are cut into batches, what is kept of channels, categories and broadcasts is the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.bus import MemoryBroker, MemoryLog
from tests.fakes.ledger import MemoryLedger
from tests.fakes.observations import TICK, make_snapshot

from airtide.bus.encode import encode_snapshot
from airtide.bus.topics import snapshots_topic
from airtide.domain.models import Platform, Snapshot
from airtide.pipeline.arrange import Arranger

POLLED = Platform.CHZZK
HOUR = timedelta(hours=1)
NOW = TICK + 10 * HOUR


@dataclass(frozen=True)
class Told:
    """What one message tells; `tick` counts steps after the first."""

    tick: int
    broadcast: str
    channel: str
    name: str
    category: str

    def at(self, step: timedelta) -> Snapshot:
        return make_snapshot(
            self.broadcast,
            sampled_at=TICK + self.tick * step,
            channel_id=self.channel,
            channel_name=self.name,
            category_id="g1",
            category_name=self.category,
        )


names = st.sampled_from(["one", "two", "three"])
messages = st.lists(
    st.builds(Told, st.integers(0, 3), st.sampled_from(["b1", "b2"]), st.sampled_from(["c1", "c2"]), names, names),
    min_size=1,
    max_size=12,
)


def land(snapshots: list[Snapshot], max_snapshots: int, *, in_one_run: bool) -> tuple[object, ...]:
    """Land the messages in batches of a size; return what is kept of channels, categories and broadcasts."""
    broker = MemoryBroker([POLLED], snapshot_partitions=1)
    for snapshot in snapshots:
        broker.append(snapshots_topic(POLLED), 0, encode_snapshot(snapshot))
    log, ledger = MemoryLog(broker), MemoryLedger()
    arranger = Arranger(POLLED, ledger.find_collisions, ledger.raw_age)
    while batch := ledger.plan_batch(POLLED, log.describe_topics(POLLED), max_snapshots=max_snapshots, now=NOW):
        if not in_one_run:
            arranger = Arranger(POLLED, ledger.find_collisions, ledger.raw_age)
        ledger.land_batch(batch, arranger.arrange(batch, log.read_batch(batch), now=NOW).rows, [], now=NOW)
    view = ledger.view
    return view.channels, view.categories, view.broadcasts, ledger.channel_of, view.samples


@given(messages, st.integers(1, 12))
def test_batches_of_one_run_keep_what_one_batch_keeps(told, max_snapshots):
    snapshots = [message.at(timedelta(minutes=5)) for message in told]
    assert land(snapshots, max_snapshots, in_one_run=True) == land(snapshots, 100, in_one_run=True)


@given(messages, st.integers(1, 12))
def test_runs_of_one_batch_keep_what_one_batch_keeps(told, max_snapshots):
    snapshots = [message.at(HOUR) for message in told]
    assert land(snapshots, max_snapshots, in_one_run=False) == land(snapshots, 100, in_one_run=True)
