"""Three members of the group over four partitions, which join, leave and are killed as chance has it."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from tests.chaos.parts import LandingParts, landing_parts
from tests.drawn_host import DrawnHost, running_host
from tests.fakes.observations import make_snapshot

from airtide.bus.groups import read_capture_lag
from airtide.domain.keys import hash_id
from airtide.domain.models import Platform
from airtide.lake.thumbnails import PillowCodec
from airtide.warehouse.connect import Role, connect

POLLED = Platform.CHZZK
MEMBERS = 3
UNREST_S = 60.0
"""How long members come and go."""
CALM_S = 60.0
"""How long what is left may take after that: longer than a killed member keeps its partitions."""
BETWEEN_LOSSES_S = (2.0, 6.0)
KILLED_SHARE = 0.7
NEW_A_ROUND = 8

pytestmark = [pytest.mark.integration, pytest.mark.turn(9)]


@dataclass
class Crowd:
    """The processes that run, those that were told to end, and how many were killed."""

    environment: dict[str, str]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    leaving: list[subprocess.Popen[bytes]] = field(default_factory=list)
    killed: int = 0

    def fill(self) -> None:
        """Let members join until there are enough."""
        while len(self.running) < MEMBERS:
            command = [sys.executable, "-m", "tests.capture_member"]
            own = {**os.environ, **self.environment}
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
            self.running.append(subprocess.Popen(command, env=own, **pipes))

    def lose(self, chance: random.Random) -> None:
        """Kill one, or tell it to end."""
        member = self.running.pop(chance.randrange(len(self.running)))
        if chance.random() < KILLED_SHARE:
            member.kill()
            member.communicate(timeout=30)
            self.killed += 1
        else:
            self.tell(member)

    def tell(self, member: subprocess.Popen[bytes]) -> None:
        """Let a member end after its run."""
        if member.stdin is not None:
            member.stdin.close()
        member.stdin = None
        self.leaving.append(member)

    def end(self) -> None:
        """Let all end, and see that they did so well."""
        while self.running:
            self.tell(self.running.pop())
        while self.leaving:
            member = self.leaving.pop()
            said, _ = member.communicate(timeout=120)
            assert member.returncode == 0, said.decode()[-3000:]

    def close(self) -> None:
        """Kill what still runs."""
        for member in (*self.running, *self.leaving):
            member.kill()
            member.communicate(timeout=30)


class Scene:
    """The parts, the host of the pictures, and what was published."""

    def __init__(self, parts: LandingParts, host: DrawnHost) -> None:
        self.parts = parts
        self.host = host
        self.published: list[str] = []

    @property
    def environment(self) -> dict[str, str]:
        site = {
            "host": f"http://127.0.0.1:{self.host.port}/chzzk",
            "password": "key-of-tests",
            "extra": {"simulated": True},
        }
        return {
            **self.parts.environment,
            "AIRFLOW_CONN_AIRTIDE_CHZZK": json.dumps(site),
            "AIRTIDE__MODE": "simulated",
            "AIRTIDE__LAKE__BUCKET": self.parts.lake.bucket,
        }

    def publish(self, new: int) -> None:
        """Publish a tick of new broadcasts and of some that are known; two broadcasts each show the same picture."""
        now = datetime.now(UTC).replace(microsecond=0)
        fresh = [f"p{(len(self.published) + n) // 2}-{len(self.published) + n}" for n in range(new)]
        self.published += fresh
        again = random.Random(len(self.published)).sample(self.published, min(20, len(self.published)))
        told = [self.snapshot(name, now) for name in dict.fromkeys([*fresh, *again])]
        self.parts.adapters.sink.publish_snapshots(POLLED, told)

    def snapshot(self, name: str, now: datetime):
        url = f"https://livecloud-thumb.akamaized.net/chzzk/livecloud/KR/stream/{name}"
        return make_snapshot(name, platform=POLLED, sampled_at=now, fetched_at=now, thumbnail_url=url)

    def lag(self) -> int:
        return sum(place.lag for place in read_capture_lag(self.parts.kafka, POLLED, deadline_s=20))

    def rows(self) -> list[tuple[int, str, str]]:
        with connect(self.parts.warehouse.address, Role.READER) as connection:
            return connection.execute("SELECT broadcast_key, sha256, object_key FROM live.thumbnail").fetchall()

    def objects(self) -> list[str]:
        return [stored.key for stored in self.parts.adapters.store.list("thumbnails/")]


@pytest.fixture
def scene(kafka, warehouse, lake) -> Iterator[Scene]:
    with landing_parts(POLLED, kafka, warehouse, lake) as parts, running_host(DrawnHost()) as host:
        yield Scene(parts, host)


def test_each_picture_is_kept_once_and_each_broadcast_has_its_row_whoever_is_killed_when(scene):
    chance = random.Random(20260131)
    ends_at = time.monotonic() + UNREST_S
    with ExitStack() as closing:
        crowd = Crowd(scene.environment)
        closing.callback(crowd.close)
        crowd.fill()
        lost_at = time.monotonic() + chance.uniform(*BETWEEN_LOSSES_S)
        while time.monotonic() < ends_at:
            scene.publish(NEW_A_ROUND)
            time.sleep(chance.uniform(0.2, 1.0))
            if time.monotonic() >= lost_at:
                crowd.lose(chance)
                crowd.fill()
                lost_at = time.monotonic() + chance.uniform(*BETWEEN_LOSSES_S)
        settled_at = time.monotonic() + CALM_S
        while scene.lag() and time.monotonic() < settled_at:
            time.sleep(0.5)
        crowd.end()
    assert scene.lag() == 0
    assert crowd.killed >= 3

    rows = scene.rows()
    assert Counter(key for key, _, _ in rows) == Counter(hash_id(POLLED, name) for name in scene.published)
    codec = PillowCodec(max_pixels=1_000_000)
    kept = {name: codec.encode(body).sha256 for name, body in scene.host.drawn.items()}
    expected = {hash_id(POLLED, name): kept[name.partition("-")[0]] for name in scene.published}
    assert {key: sha256 for key, sha256, _ in rows} == expected
    assert sorted(scene.objects()) == sorted({object_key for _, _, object_key in rows})
    assert len(scene.objects()) == len(set(kept.values()))
