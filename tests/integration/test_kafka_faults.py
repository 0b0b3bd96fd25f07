"""Faults of Kafka amid the task's own landing: what is told, that nothing is half done, and that it is made good.

After every fault the broker is well again, a clean landing runs, and the oracle says that everything is landed once.
"""

from __future__ import annotations

import threading
import time

import pytest
from confluent_kafka.admin import AdminClient
from tests.chaos.parts import LandingParts, empty_topics
from tests.integration.rig import POLLED, at
from tests.proxies import TcpProxy

from airtide.bus.ranges import KafkaLog
from airtide.domain.errors import MessagesLost, PartUnreachable, TopicReplaced
from airtide.wiring import jobs

DEADLINE_S = 5.0
"""How long a call waits for a broker that will not answer."""

pytestmark = [pytest.mark.integration, pytest.mark.turn(8)]


def test_down_from_the_start_fails_the_task_and_names_the_broker(rig):
    rig.kafka_deadline_s = DEADLINE_S
    rig.kafka.refuse()
    with pytest.raises(PartUnreachable, match=rf"127\.0\.0\.1:{rig.kafka.port} did not describe .*airtide doctor"):
        rig.land()
    assert rig.batches() == {}
    rig.assert_mended()


def test_silent_from_the_start_fails_the_task_within_its_deadline(rig):
    rig.kafka_deadline_s = DEADLINE_S
    rig.kafka.is_silent = True
    began = time.monotonic()
    with pytest.raises(PartUnreachable, match="did not describe"):
        rig.land()
    assert time.monotonic() - began < DEADLINE_S + 15
    rig.assert_mended()


@pytest.mark.parametrize("fault", ["cut", "silent", "refused"])
def test_lost_while_a_batch_is_read_leaves_it_planned(rig, fault):
    def break_off() -> None:
        match fault:
            case "cut":
                rig.kafka.bytes_left = 700  # less than the messages, more than an answer without any
            case "silent":
                rig.kafka.is_silent = True
            case "refused":
                rig.kafka.refuse()

    rig.kafka_deadline_s = DEADLINE_S
    with (
        at(KafkaLog, "read_batch", break_off, after=False),
        pytest.raises(PartUnreachable, match=r"did not hand out offsets \d+ to \d+ of airtide\.snapshots"),
    ):
        rig.land()
    assert [row.state for row in rig.batches().values()] == ["planned"]
    rig.assert_nothing_landed()
    rig.assert_mended()


def test_lost_after_the_commit_costs_only_the_courtesy(rig, caplog):
    rig.kafka_deadline_s = DEADLINE_S
    with (
        at(KafkaLog, "note_positions", rig.kafka.refuse, after=False),
        at(KafkaLog, "note_positions", lambda: rig.kafka.heal()),
    ):
        outcome = rig.land()
    assert outcome["status"] == "landed"
    assert "lag of group airtide.land-chzzk is not shown right" in caplog.text
    rig.assert_mended()


def test_slow_is_only_slow(rig):
    with at(KafkaLog, "read_batch", lambda: hold_for(rig.kafka, 1.0), after=False):
        assert rig.land()["status"] == "landed"
    rig.assert_mended()


def test_a_topic_made_anew_while_its_batch_is_read_is_refused(rig):
    def make_anew() -> None:
        recreate_topics(rig.parts)
        rig.parts.publish(0, 1)

    make_anew()  # so that the planned offsets are there in the next one, too

    with (
        at(KafkaLog, "read_batch", make_anew, after=False),
        pytest.raises(TopicReplaced, match=r"was made anew .* after this batch was planned"),
    ):
        rig.land()
    rig.assert_nothing_landed()
    with pytest.raises(TopicReplaced, match="accept-loss chzzk"):
        rig.land()
    with rig.open() as adapters:
        assert len(jobs.accept_loss(POLLED, adapters)) == 5
    rig.land()
    rig.parts.assert_all_landed()


def test_retention_that_overtakes_a_planned_batch_is_told_with_its_count(rig):
    with (
        at(KafkaLog, "read_batch", lambda: empty_topics(POLLED, rig.parts.adapters), after=False),
        pytest.raises(MessagesLost, match=r"no longer holds offsets \d+ to \d+ of .*accept-loss"),
    ):
        rig.land()
    rig.assert_nothing_landed()
    rig.parts.publish(2)
    with pytest.raises(MessagesLost, match=r"no longer holds \d+ messages .*accept-loss chzzk"):
        rig.land()
    with rig.open() as adapters:
        jobs.accept_loss(POLLED, adapters)
    rig.land()
    rig.parts.assert_all_landed()


def hold_for(proxy: TcpProxy, seconds: float) -> None:
    def let_go() -> None:
        proxy.is_silent = False

    proxy.is_silent = True
    threading.Timer(seconds, let_go).start()


def recreate_topics(parts: LandingParts) -> None:
    topics = [facts.topic for facts in parts.adapters.log.describe_topics(POLLED)]
    with AdminClient({"bootstrap.servers": parts.kafka["bootstrap.servers"]}) as admin:
        for future in admin.delete_topics(topics, operation_timeout=20).values():
            future.result(timeout=20)
        give_up_at = time.monotonic() + 20
        while set(topics) & set(admin.list_topics(timeout=20).topics):
            assert time.monotonic() < give_up_at
            time.sleep(0.05)
    parts.make_topics()
