"""The past is filled while every part is killed and started again: what is landed and rolled up stays the same."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event

import pytest
from tests.services import free_port

from airtide.domain.errors import PartUnreachable
from airtide.domain.models import Platform
from airtide.local import prefill
from airtide.local.environment import DATABASE
from airtide.local.home import Home, open_home
from airtide.local.installation import Installation
from airtide.local.parts import Part, wait_until_ready
from airtide.local.prefill import Prefill, Span, fill_past
from airtide.local.prepare import prepare_stores
from airtide.local.program import start_program, stop_program
from airtide.local.secret_file import complete_secrets
from airtide.settings import POLLED_PLATFORMS, PortsSettings, load_settings
from airtide.warehouse.connect import Role, connect
from airtide.wiring.connections import Connections, read_environment

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]

NOW = datetime.now(UTC)
FIRST_TICK = NOW.replace(hour=10, minute=0, second=0, microsecond=0) - timedelta(days=1)
TICKS = 24
SPAN = Span(first_at=FIRST_TICK, last_at=FIRST_TICK + (TICKS - 1) * timedelta(minutes=5))
NOTICED_WITHIN_S = 60
STARTS_TRIED = 20

VIEWS = {
    "samples": "SELECT platform, broadcast_id, sampled_at, viewers, cadence_s FROM live.sample"
    " JOIN live.broadcast USING (platform, broadcast_key) ORDER BY 1, 2, 3",
    "broadcasts": "SELECT platform, broadcast_id, channel_key, started_at, ended_at, first_sampled_at, last_sampled_at"
    " FROM live.broadcast ORDER BY 1, 2",
    "channels": "SELECT platform, channel_id, name FROM live.channel ORDER BY 1, 2",
    "channel days": "SELECT TO_JSONB(d) - 'computed_at' FROM trends.channel_day AS d"
    " ORDER BY platform, zone, day, channel_key",
    "platform days": "SELECT TO_JSONB(d) - 'computed_at' FROM trends.platform_day AS d ORDER BY platform, zone, day",
    "complete ticks": "SELECT DISTINCT platform, sampled_at FROM ingest.sweep WHERE outcome = 'complete' ORDER BY 1, 2",
}


class RunningPart:
    """A part's process, which can be killed and started again."""

    def __init__(self, part: Part, home: Home) -> None:
        self._part = part
        self._home = home
        part.prepare()
        self.start()

    def start(self) -> None:
        """Start it as the supervisor does: again, while what a killed one left behind is still in the way."""
        for _ in range(STARTS_TRIED):
            self._process = start_program(self._part.program(), self._home.root)
            try:
                wait_until_ready(self._part, is_running=lambda: self._process.poll() is None)
            except PartUnreachable:
                if self._process.poll() is None:
                    raise
            else:
                return
        pytest.fail(f"{self._part.name} does not start")

    def kill(self) -> None:
        """End it without a chance to tidy up."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """Stop it."""
        stop_program(self._part.program(), self._process)


@contextmanager
def running_services(root: Path) -> Iterator[tuple[Installation, Sequence[RunningPart]]]:
    """Run the services of an installation of its own on free ports, with empty stores."""
    home = open_home(root)
    ports = PortsSettings(**{name: free_port() for name in PortsSettings.model_fields})
    installation = Installation(settings=load_settings(), home=home, ports=ports, secrets=complete_secrets({}), keys={})
    with ThreadPoolExecutor() as pool:
        parts = list(pool.map(lambda part: RunningPart(part, home), installation.services))
    try:
        connections = Connections(read_environment(installation.environment))
        prepare_stores(connections, installation.postgres.superuser(), installation.settings, NOW)
        yield installation, parts
    finally:
        for part in parts:
            part.stop()
        installation.postgres.remove_outside_files()
        shutil.rmtree(root, ignore_errors=True)


class WatchedFill:
    """A fill, and what it tells while it works."""

    def __init__(self, installation: Installation) -> None:
        self._settings = installation.settings
        self._owner = installation.postgres.superuser().at(DATABASE)
        self._connections = Connections(read_environment(installation.environment))
        self._held: dict[Platform, SimpleQueue[None]] = {platform: SimpleQueue() for platform in POLLED_PLATFORMS}
        self._may_go_on = Event()
        self._may_go_on.set()
        self._sentences: SimpleQueue[str] = SimpleQueue()

    def run(self) -> Prefill:
        """Fill the span."""
        return fill_past(
            self._connections,
            self._settings,
            POLLED_PLATFORMS,
            SPAN,
            self._note_tick,
            self._sentences.put,
            owner=self._owner,
        )

    def pause(self) -> None:
        """Hold every site after its next tick, so that none is waiting for a part and all have ticks left."""
        self._may_go_on.clear()
        for held in self._held.values():
            held.get(timeout=NOTICED_WITHIN_S)
        forget(self._sentences)

    def go_on(self) -> None:
        """Let every site take further ticks."""
        self._may_go_on.set()

    def wait_until_it_waits(self) -> str:
        """Return what it says of a part that is down."""
        return self._sentences.get(timeout=NOTICED_WITHIN_S)

    def _note_tick(self, platform: Platform, _done: int, _of_all: int) -> None:
        if not self._may_go_on.is_set():
            self._held[platform].put(None)
            self._may_go_on.wait(NOTICED_WITHIN_S)


def forget(told: SimpleQueue) -> None:
    """Drop what was told so far."""
    with suppress(Empty):
        while True:
            told.get_nowait()


def read_views(installation: Installation) -> dict[str, list[tuple]]:
    address = Connections(read_environment(installation.environment)).postgres_address()
    with connect(address, Role.READER) as connection:
        return {name: connection.execute(query).fetchall() for name, query in VIEWS.items()}


@pytest.fixture(autouse=True)
def small_and_impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small world, many landings, and clients that soon notice that a part is down."""
    monkeypatch.setattr(prefill, "LAND_EVERY", 2)
    monkeypatch.setenv("AIRTIDE__MODE", "simulated")
    monkeypatch.setenv("AIRTIDE__SIMULATION__CHANNELS_PER_PLATFORM", "60")
    monkeypatch.setenv("AIRTIDE__KAFKA__DEADLINE_S", "4")
    for platform in POLLED_PLATFORMS:
        monkeypatch.setenv(f"AIRTIDE__PLATFORMS__{platform.upper()}__TIMEOUT_S", "1")


def test_killing_every_part_in_turn_changes_nothing_that_is_landed(tmp_path):
    with running_services(tmp_path / "undisturbed") as (installation, _parts):
        assert WatchedFill(installation).run().ticks == TICKS * len(POLLED_PLATFORMS)
        undisturbed = read_views(installation)
    with running_services(tmp_path / "disturbed") as (installation, parts), ThreadPoolExecutor(1) as pool:
        fill = WatchedFill(installation)
        filling = pool.submit(fill.run)
        for part in parts:
            fill.pause()
            part.kill()
            fill.go_on()
            assert fill.wait_until_it_waits().startswith("waiting up to 60 s for a part that is down")
            part.start()
        filling.result()
        disturbed = read_views(installation)
    assert len(undisturbed["complete ticks"]) == TICKS * len(POLLED_PLATFORMS)
    assert len(undisturbed["channel days"]) > 0
    for name, rows in undisturbed.items():
        assert disturbed[name] == rows, name
