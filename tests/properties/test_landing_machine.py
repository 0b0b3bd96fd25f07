"""Whatever happens to landings in whatever order, every message is landed once and is the message that was produced.

Landings crash and lose answers at every point, zombies sleep there through anything and wake; messages come twice, bad
and late; retention overtakes the lander and topics are made anew. The parts are those in memory, which pass the
contract suites.
"""

from __future__ import annotations

import io
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyarrow.parquet as pq
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.chaos.cases import FaultPoint
from tests.fakes.bus import MemoryBroker, MemoryLog, MemorySink
from tests.fakes.lake import MemoryStore
from tests.fakes.ledger import MemoryLedger
from tests.fakes.observations import TICK, make_snapshot, make_sweep
from tests.oracle import assert_whole

from airtide.bus.records import REJECT_HEADER
from airtide.bus.topics import snapshots_topic, sweeps_topic
from airtide.domain.clock import SetClock
from airtide.domain.errors import MessagesLost, OffsetAhead, PartUnreachable, TopicReplaced
from airtide.domain.models import Platform
from airtide.lake.lake import SnapshotLake
from airtide.pipeline.accept_loss import accept_loss
from airtide.pipeline.land import LandingStatus, land_platform
from airtide.pipeline.stop_line import BadRecordLimits

POLLED = Platform.CHZZK
SNAPSHOTS, SWEEPS = snapshots_topic(POLLED), sweeps_topic(POLLED)
RAW_AGE = timedelta(hours=6)
LIMITS = BadRecordLimits(max_in_row=10_000, max_share=1.0, min_for_share=10_000)
OUTSIDE_TRANSACTION = [point for point in FaultPoint if point is not FaultPoint.AFTER_COPY]

Hit = Callable[[FaultPoint], None]


class CrashError(BaseException):
    """The end of a process."""


class Watched:
    """A port that tells when it comes to a fault point, before or after a call."""

    def __init__(self, port: Any, hit: Hit, **points: FaultPoint) -> None:
        self._port = port
        self._hit = hit
        self._points = points

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)

        def called(*arguments: Any, **named: Any) -> Any:
            if before := self._points.get(f"before_{name}"):
                self._hit(before)
            answer = method(*arguments, **named)
            if after := self._points.get(f"after_{name}"):
                self._hit(after)
            return answer

        return called


class Zombie(threading.Thread):
    """A landing that falls asleep at a point until it is woken; it runs only while its maker waits for it."""

    def __init__(self, land: Callable[[Hit], Any], point: FaultPoint) -> None:
        super().__init__(daemon=True)
        self._land = land
        self._point = point
        self._told: queue.Queue[BaseException | str] = queue.Queue()
        self._woken = threading.Event()

    def run(self) -> None:
        try:
            self._land(self._sleep)
        except BaseException as error:
            self._told.put(error)
        else:
            self._told.put("ended")

    def fall_asleep(self) -> bool:
        """Run to the point; False when the landing ended before."""
        self.start()
        return self._take() == "asleep"

    def wake(self) -> None:
        """Run to the end; raises what the landing raises."""
        self._woken.set()
        self._take()
        self.join()

    def _sleep(self, point: FaultPoint) -> None:
        if point is self._point and not self._woken.is_set():
            self._told.put("asleep")
            self._woken.wait()

    def _take(self) -> str:
        told = self._told.get(timeout=60)
        if isinstance(told, BaseException):
            raise told
        return told


class LandingMachine(RuleBasedStateMachine):
    """One platform, what was ever produced for it, and the landings of it."""

    def __init__(self) -> None:
        super().__init__()
        self.broker = MemoryBroker([POLLED], snapshot_partitions=2)
        self.store = MemoryStore()
        self.ledger = MemoryLedger(raw_age=RAW_AGE)
        self.ledger.is_inferring = False
        self.clock = SetClock(TICK)
        self.produced: dict[tuple[str, str, int, int], bytes | None] = {}
        self.zombies: list[Zombie] = []
        self.is_gone = False
        self.checked: Any = None

    # -- messages come -------------------------------------------------------------------------------------------

    @rule(ages=st.lists(st.integers(0, 80), min_size=1, max_size=3), broadcasts=st.integers(1, 4), sweeps=st.booleans())
    def produce(self, ages: list[int], broadcasts: int, sweeps: bool) -> None:
        """Poll ticks of the last hours: late ones, the same ones again, and some that have expired."""
        sink = MemorySink(self.broker)
        for age in ages:
            at = self.clock.now() - age * timedelta(minutes=5)
            sink.publish_snapshots(
                POLLED,
                [make_snapshot(f"b{n}", sampled_at=at, viewers=len(self.produced) + n) for n in range(broadcasts)],
            )
            if sweeps:
                sink.publish_sweep(make_sweep(sweep_id=f"sweep {len(self.produced)}", sampled_at=at))
        self._remember()

    @rule(number=st.integers(0, 1), value=st.sampled_from([None, b"", b"{", b"\xff\x00", b'{"v": 99}']))
    def produce_bad(self, number: int, value: bytes | None) -> None:
        """Write what no landing can use."""
        self.broker.append(SNAPSHOTS, number, value)
        self.broker.append(SNAPSHOTS, number, b"raw", [(REJECT_HEADER, b"no id")])
        self.broker.append(SWEEPS, 0, value)
        self._remember()

    # -- landings ------------------------------------------------------------------------------------------------

    @rule(max_snapshots=st.integers(1, 12))
    def plan(self, max_snapshots: int) -> None:
        """End right after planning."""
        with self._gone_is_told():
            self.ledger.plan_batch(
                POLLED, self._log().describe_topics(POLLED), max_snapshots=max_snapshots, now=self.clock.now()
            )

    @rule(max_snapshots=st.integers(1, 12))
    def land(self, max_snapshots: int) -> None:
        """Land all that is there."""
        with self._gone_is_told():
            assert self._land(max_snapshots=max_snapshots).status is not LandingStatus.OUT_OF_TIME

    @rule(point=st.sampled_from(OUTSIDE_TRANSACTION), batch=st.integers(1, 2), max_snapshots=st.integers(1, 12))
    def crash(self, point: FaultPoint, batch: int, max_snapshots: int) -> None:
        """Die at a point of the first or the second batch."""
        left = [batch]

        def hit(reached: FaultPoint) -> None:
            left[0] -= reached is point
            if left[0] == 0:
                raise CrashError

        with self._gone_is_told(), suppress(CrashError):
            self._land(hit, max_snapshots=max_snapshots)

    @rule(is_committed=st.booleans())
    def lose_connection(self, is_committed: bool) -> None:
        """Lose the warehouse inside the transaction, or after its commit without anybody being able to tell."""
        which = "fail_after_commit" if is_committed else "fail_before_commit"
        setattr(self.ledger, which, PartUnreachable("the connection is lost"))
        with self._gone_is_told(), suppress(PartUnreachable):
            self._land()
        setattr(self.ledger, which, None)

    @precondition(lambda self: len(self.zombies) < 3)
    @rule(point=st.sampled_from(OUTSIDE_TRANSACTION), max_snapshots=st.integers(1, 12))
    def fall_asleep(self, point: FaultPoint, max_snapshots: int) -> None:
        """Stop a landing at a point."""
        zombie = Zombie(lambda hit: self._land(hit, max_snapshots=max_snapshots), point)
        with self._gone_is_told():
            if zombie.fall_asleep():
                self.zombies.append(zombie)

    @precondition(lambda self: self.zombies)
    @rule(which=st.integers(0, 2))
    def wake(self, which: int) -> None:
        """Let a stopped landing go on."""
        zombie = self.zombies.pop(which % len(self.zombies))
        with self._gone_is_told():
            zombie.wake()

    # -- what time and people do ---------------------------------------------------------------------------------

    @rule(minutes=st.sampled_from([5, 60, 400]))
    def pass_time(self, minutes: int) -> None:
        """Let samples grow older than the raw age."""
        self.clock.set(self.clock.now() + timedelta(minutes=minutes))

    @rule(topic=st.sampled_from([SNAPSHOTS, SWEEPS]), share=st.floats(0, 1))
    def expire(self, topic: str, share: float) -> None:
        """Have Kafka drop the oldest messages, landed or not."""
        self.is_gone = True
        for number, partition in enumerate(self.broker.partitions(topic)):
            self.broker.drop_before(topic, number, partition.low_offset + round(share * len(partition.records)))

    @rule()
    def recreate(self) -> None:
        """Make the topics anew."""
        self.is_gone = True
        self.broker.make_topics(POLLED)

    @rule()
    def give_up(self) -> None:
        """Accept what is lost."""
        accept_loss(POLLED, log=self._log(), ledger=self.ledger, clock=self.clock)
        self.is_gone = bool(self.zombies)  # what these had planned stays gone

    # -- what always holds ---------------------------------------------------------------------------------------

    @invariant()
    def everything_is_whole(self) -> None:
        """Ask the oracle, and compare every landed row with the message that was produced at its place."""
        if self.ledger.view is self.checked:
            return
        self.checked = self.ledger.view
        oldest = self.clock.now() - RAW_AGE
        oldest_ms = round(oldest.timestamp() * 1000)
        samples = {key: row for key, row in self.ledger.view.samples.items() if key[0] >= oldest_ms}
        assert_whole(replace(self.ledger.view, samples=samples), self.store, POLLED, oldest=oldest)
        for key, (batch_id, _, _) in self.ledger.view.objects.items():
            topic = key.rsplit("/", 1)[1].split("+")[0]
            topic_id = self.ledger.view.batches[batch_id].topic_ids[topic]
            for row in pq.read_table(io.BytesIO(self.store.get(key))).to_pylist():
                place = (topic, topic_id, row["topic_partition"], row["record_offset"])
                told = row["broadcast_id" if topic == SNAPSHOTS else "sweep_id"]
                assert f'"{told}"'.encode() in (self.produced[place] or b""), place

    def teardown(self) -> None:
        """Wake whoever sleeps, give up what is gone, and land to the end."""
        while self.zombies:
            with self._gone_is_told():
                self.zombies.pop().wake()
        self.give_up()
        self._land()
        self.everything_is_whole()
        positions = self.ledger.read_positions(POLLED)
        for topic in (SNAPSHOTS, SWEEPS):
            for number, end in self.broker.describe(topic).end_offsets.items():
                assert positions[topic, number] == end

    @contextmanager
    def _gone_is_told(self) -> Iterator[None]:
        """What is gone stops every landing until it is given up, and nothing else does."""
        try:
            yield
        except (MessagesLost, OffsetAhead, TopicReplaced):
            assert self.is_gone

    def _log(self) -> MemoryLog:
        return MemoryLog(self.broker)

    def _land(self, hit: Hit = lambda _: None, *, max_snapshots: int = 1000) -> Any:
        ledger = Watched(
            self.ledger,
            hit,
            after_plan_batch=FaultPoint.AFTER_PLAN,
            before_land_batch=FaultPoint.BEFORE_TRANSACTION,
            after_land_batch=FaultPoint.AFTER_COMMIT,
        )
        log = Watched(
            self._log(), hit, after_read_batch=FaultPoint.AFTER_READ, before_note_positions=FaultPoint.BEFORE_NOTE
        )
        return land_platform(
            POLLED,
            log=log,
            lake=SnapshotLake(Watched(self.store, hit, after_put_if_absent=FaultPoint.AFTER_PUT)),
            ledger=ledger,
            clock=self.clock,
            max_snapshots=max_snapshots,
            limits=LIMITS,
        )

    def _remember(self) -> None:
        for topic in (SNAPSHOTS, SWEEPS):
            topic_id = self.broker.describe(topic).topic_id
            for number, partition in enumerate(self.broker.partitions(topic)):
                for record in partition.records:
                    self.produced[topic, topic_id, number, record.record_offset] = record.value


TestLandings = LandingMachine.TestCase
TestLandings.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
