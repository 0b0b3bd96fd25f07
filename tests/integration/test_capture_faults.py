"""Faults of the object store and of PostgreSQL amid the task's own capture, and objects that somebody removes by hand.

After every fault the parts are well again, another run captures, and each picture is there once, with its row.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.chaos.parts import LandingParts, connection_variables, landing_parts
from tests.drawn_host import DrawnHost, running_host
from tests.fakes.observations import make_snapshot
from tests.lakes import LAKES
from tests.proxies import LOOPBACK, Action, Once, TcpProxy, tcp_proxy

from airtide.bus.groups import read_capture_lag
from airtide.domain.clock import SetClock
from airtide.domain.errors import MisconfiguredError, PartUnreachable
from airtide.domain.models import Platform
from airtide.domain.retention import ExpiredPictures
from airtide.lake.found import StoredPictures
from airtide.pipeline.retain_pictures import retain_pictures
from airtide.warehouse.connect import connect
from airtide.warehouse.picture_ages import WarehousePictureAges
from airtide.wiring.adapters import Adapters
from airtide.wiring.connections import Connections, read_environment
from airtide.wiring.pictures import capture_thumbnails

POLLED = Platform.CHZZK
BROADCASTS = 3

pytestmark = [pytest.mark.integration, pytest.mark.turn(6)]


@dataclass
class Scene:
    """The parts, with proxies before two of them, and a host that draws."""

    parts: LandingParts
    host: DrawnHost
    postgres: TcpProxy
    store: TcpProxy | None

    def publish(self) -> None:
        now = datetime.now(UTC).replace(microsecond=0)
        told = {"platform": POLLED, "sampled_at": now, "fetched_at": now}
        url = "https://livecloud-thumb.akamaized.net/chzzk/livecloud/KR/stream"
        snapshots = [make_snapshot(f"b{n}", thumbnail_url=f"{url}/b{n}", **told) for n in range(BROADCASTS)]
        self.parts.adapters.sink.publish_snapshots(POLLED, snapshots)

    def capture(self, bucket: str | None = None) -> dict[str, Any]:
        lake, address = self.parts.lake, self.parts.warehouse.address
        if self.store is not None:
            lake = lake.with_extra(endpoint_url=f"http://{LOOPBACK}:{self.store.port}")
        host = f"http://{LOOPBACK}:{self.host.port}/chzzk"
        site = json.dumps({"host": host, "password": "key-of-tests", "extra": {"simulated": True}})
        variables = connection_variables(self.parts.kafka, replace(address, port=self.postgres.port), lake)
        known = Connections(read_environment({**variables, "AIRFLOW_CONN_AIRTIDE_CHZZK": site}))
        own = self.parts.settings
        chosen = own.lake.model_copy(update={"bucket": bucket or own.lake.bucket})
        with Adapters(known, own.model_copy(update={"lake": chosen})) as adapters:
            return capture_thumbnails(adapters)

    def fetch(self, query: str) -> list[tuple[Any, ...]]:
        with connect(self.parts.warehouse.superuser, None) as connection:
            return connection.execute(query).fetchall()

    def lag(self) -> int:
        return sum(place.lag for place in read_capture_lag(self.parts.kafka, POLLED, deadline_s=20))

    def objects(self) -> list[str]:
        return [stored.key for stored in self.parts.adapters.store.list("thumbnails/")]

    def assert_mended(self) -> None:
        """Capture once more, and see that each picture is there once."""
        for proxy in filter(None, (self.postgres, self.store)):
            proxy.heal()
        assert self.capture()["status"] == "caught up"
        rows = self.fetch("SELECT broadcast_key, object_key FROM live.thumbnail ORDER BY object_key")
        assert len({broadcast_key for broadcast_key, _ in rows}) == len(rows) == BROADCASTS
        assert [object_key for _, object_key in rows] == self.objects()
        assert (self.lag(), self.fetch("SELECT error FROM ingest.capture_status")) == (0, [(None,)])


@pytest.fixture
def scene(kafka, warehouse, lake) -> Iterator[Scene]:
    with ExitStack() as opened:
        parts = opened.enter_context(landing_parts(POLLED, kafka, warehouse, lake))
        host = opened.enter_context(running_host(DrawnHost()))
        postgres = opened.enter_context(tcp_proxy(warehouse.address.host, warehouse.address.port))
        store = None if lake.port is None else opened.enter_context(tcp_proxy(LOOPBACK, lake.port))
        yield Scene(parts, host, postgres, store)


@pytest.mark.parametrize(
    ("sign", "action", "rows"),
    [
        (b"INSERT INTO live.picture_object", Action.CUT, 0),
        (b"INSERT INTO live.thumbnail", Action.CUT, 0),
        (b"COMMIT", Action.CUT, 0),
        (b"COMMIT", Action.LOSE_ANSWER, BROADCASTS),
    ],
    ids=["at the claim", "between upload and row", "at the commit", "after the commit"],
)
def test_a_warehouse_that_is_lost_on_the_way_costs_no_picture_and_doubles_none(scene, sign, action, rows):
    scene.publish()
    scene.postgres.judge = Once(sign, action)
    with pytest.raises(PartUnreachable, match="airtide_postgres"):
        scene.capture()
    assert scene.postgres.cuts == 1
    assert scene.fetch("SELECT COUNT(*)::INT FROM live.thumbnail") == [(rows,)]
    assert scene.lag() == BROADCASTS
    scene.assert_mended()


def test_a_store_that_is_lost_amid_the_uploads_leaves_no_row(scene):
    scene.publish()
    scene.store.judge = Once(b"PUT /", Action.CUT, times=100)
    with pytest.raises(PartUnreachable, match="does not answer"):
        scene.capture()
    assert (scene.fetch("SELECT FROM live.thumbnail"), scene.lag()) == ([], BROADCASTS)
    assert "does not answer" in scene.fetch("SELECT error FROM ingest.capture_status")[0][0]
    scene.assert_mended()


def test_an_upload_whose_answer_is_lost_is_the_same_upload_again(scene):
    scene.publish()
    scene.store.judge = Once(b"PUT /", Action.LOSE_ANSWER, times=2)
    assert scene.capture()["rows"] == BROADCASTS
    assert scene.store.cuts == 2
    scene.assert_mended()


def test_a_bucket_that_is_not_there_is_told_and_nothing_is_lost(scene):
    scene.publish()
    with pytest.raises(MisconfiguredError, match="there is no bucket"):
        scene.capture("no-such-bucket")
    assert (scene.fetch("SELECT FROM live.thumbnail"), scene.lag()) == ([], BROADCASTS)
    scene.assert_mended()


@pytest.mark.parametrize("lake", LAKES, indirect=True)
def test_an_object_that_somebody_removed_is_noticed_and_written_again(scene):
    scene.publish()
    assert scene.capture()["uploads"] == BROADCASTS
    store, now = scene.parts.adapters.store, datetime.now(UTC)
    gone = scene.objects()[1]
    store.delete(gone)
    ages = WarehousePictureAges(scene.parts.warehouse.address)
    later = SetClock(now + timedelta(minutes=20))
    noted = retain_pictures([POLLED], ages=ages, store=StoredPictures(store), clock=later)
    assert noted == ExpiredPictures(lost_pictures=1)
    with connect(scene.parts.warehouse.superuser, None) as connection:
        connection.execute("UPDATE live.thumbnail SET captured_at = captured_at - INTERVAL '1 hour'")
    scene.publish()
    told = scene.capture()
    assert (told["uploads"], told["unchanged"], told["rows"]) == (1, BROADCASTS - 1, BROADCASTS)
    assert gone in scene.objects()
