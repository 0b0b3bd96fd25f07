from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from airflow.sdk.exceptions import AirflowSkipException, TaskDeferred

from airtide.bus.backlog import Backlog
from airtide.domain.clock import SetClock
from airtide.domain.errors import OffsetAhead, PartUnreachable, PermanentError
from airtide.domain.models import Platform
from airtide.wiring import sensors
from airtide.wiring.sensors import BacklogTrigger, WaitForBacklog, is_worth_landing

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
CADENCE = timedelta(minutes=5)


class NoConnections:
    """Connections to parts that the look in these tests never asks."""

    def postgres_address(self) -> None:
        return None

    def kafka_config(self) -> dict[str, str]:
        return {}


class PositionsOnly:
    def __init__(self, _address: object) -> None: ...

    def read_positions(self, _platform: Platform) -> dict:
        return {}


@pytest.fixture
def waiting(monkeypatch):
    """Let Kafka hold a given backlog, or raise."""

    def let(found: Backlog | Exception) -> None:
        def find_backlog(*_args: object, **_kwargs: object) -> Backlog:
            if isinstance(found, Exception):
                raise found
            return found

        monkeypatch.setattr("airtide.bus.backlog.find_backlog", find_backlog)
        monkeypatch.setattr("airtide.warehouse.ledger.WarehouseLedger", PositionsOnly)

    return let


def look() -> bool:
    return is_worth_landing(Platform.TWITCH, NoConnections(), SetClock(NOW))


@pytest.mark.parametrize(
    ("backlog", "worth"),
    [
        (Backlog(sweeps_waiting=True, snapshots_waiting=0, oldest_snapshot_at=None), True),
        (Backlog(sweeps_waiting=False, snapshots_waiting=0, oldest_snapshot_at=None), False),
        (Backlog(sweeps_waiting=False, snapshots_waiting=9, oldest_snapshot_at=NOW - 2 * CADENCE), False),
        (
            Backlog(
                sweeps_waiting=False, snapshots_waiting=9, oldest_snapshot_at=NOW - 2 * CADENCE - timedelta(seconds=1)
            ),
            True,
        ),
    ],
    ids=["a sweep waits", "nothing waits", "snapshots of a sweep under way", "snapshots of a sweep that died"],
)
def test_landing_is_worth_its_while(waiting, backlog, worth):
    waiting(backlog)
    assert look() is worth


def test_a_position_beyond_its_log_is_left_to_the_landing_to_explain(waiting):
    waiting(OffsetAhead("made anew"))
    assert look()


def test_a_dead_broker_is_not_an_empty_one(waiting):
    waiting(PartUnreachable("kafka"))
    with pytest.raises(PartUnreachable):
        look()


def test_the_sensor_looks_before_it_defers():
    sensor = WaitForBacklog(task_id="wait", platform=Platform.TWITCH, look=lambda *_: True)
    assert sensor.execute({}) is None


def test_the_sensor_defers_when_nothing_waits():
    sensor = WaitForBacklog(task_id="wait", platform=Platform.TWITCH, look=lambda *_: False)
    with pytest.raises(TaskDeferred) as deferred:
        sensor.execute({})
    path, arguments = deferred.value.trigger.serialize()
    assert path == "airtide.wiring.sensors.BacklogTrigger"
    assert arguments["platform"] == "twitch"
    assert deferred.value.method_name == "resume"


@pytest.mark.parametrize(
    ("event", "error"),
    [
        ({"backlog": False}, AirflowSkipException),
        ({"error": "no broker at b:1", "retry": True}, PartUnreachable),
        ({"error": "mend airtide_kafka", "retry": False}, PermanentError),
    ],
    ids=["nothing came", "a part is down", "a connection is wrong"],
)
def test_the_sensor_ends_as_its_trigger_did(event, error):
    sensor = WaitForBacklog(task_id="wait", platform=Platform.TWITCH)
    with pytest.raises(error, match=event.get("error", "nothing to land")):
        sensor.resume({}, event)


def test_the_sensor_goes_on_to_the_landing():
    WaitForBacklog(task_id="wait", platform=Platform.TWITCH).resume({}, {"backlog": True})


@pytest.mark.parametrize(
    ("looks", "event"),
    [
        ([False, True], {"backlog": True}),
        ([False] * 99, {"backlog": False}),
        ([False, PartUnreachable("no broker")], {"error": "no broker", "retry": True}),
        ([OffsetAhead("other cluster")], {"error": "other cluster", "retry": False}),
    ],
    ids=["comes later", "never comes", "broker dies", "wrong cluster"],
)
def test_a_trigger_fires_once(monkeypatch, looks, event):
    answers = iter(looks)

    def answer(*_args: object) -> bool:
        said = next(answers)
        if isinstance(said, Exception):
            raise said
        return said

    async def no_connections() -> NoConnections:
        return NoConnections()

    monkeypatch.setattr(sensors, "is_worth_landing", answer)
    monkeypatch.setattr(sensors, "read_backlog_connections", no_connections)
    trigger = BacklogTrigger(platform="twitch", look_every_s=0.001, give_up_after_s=0.05)

    async def run() -> list[dict]:
        return [fired.payload async for fired in trigger.run()]

    assert asyncio.run(run()) == [event]
