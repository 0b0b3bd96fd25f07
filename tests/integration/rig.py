"""Parts behind proxies, the task's own landing on them, and what must hold after every fault."""

from __future__ import annotations

import secrets
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from tests.chaos.parts import LandingParts, connection_variables
from tests.landed_views import read_view
from tests.proxies import LOOPBACK, TcpProxy
from tests.services import free_port

from airtide.domain.models import Platform
from airtide.local.home import Home
from airtide.local.parts import wait_until_ready
from airtide.local.parts.kafka import KafkaPart
from airtide.local.parts.postgres import PostgresPart
from airtide.local.program import start_program, stop_program
from airtide.warehouse.connect import Role, connect
from airtide.wiring import jobs
from airtide.wiring.adapters import Adapters
from airtide.wiring.connections import Connections, read_environment

POLLED = Platform.CHZZK
PATIENT_S = 20.0
"""How long a call waits for a broker that is well."""
LONGEST_S = 60


class ProxiedKafka(KafkaPart):
    """A broker that sends its clients to a proxy."""

    advertised_port: int

    def render_settings(self) -> str:
        return super().render_settings() + f"advertised.listeners=PLAINTEXT://{LOOPBACK}:{self.advertised_port}\n"


class Rig:
    """Parts behind proxies, and the task's landing on them."""

    def __init__(self, parts: LandingParts, kafka: TcpProxy, postgres: TcpProxy, lake: TcpProxy | None) -> None:
        """A lake in a folder has no proxy."""
        self.parts = parts
        self.kafka = kafka
        self.postgres = postgres
        self.lake = lake
        self.kafka_deadline_s = PATIENT_S

    def land(self) -> dict[str, Any]:
        """Land through the proxies; whatever breaks, a landing ends soon."""
        began = time.monotonic()
        try:
            with self.open() as adapters:
                return jobs.land_platform(POLLED, adapters)
        finally:
            assert time.monotonic() - began < LONGEST_S

    def open(self) -> Adapters:
        """Return adapters that go through the proxies and do not wait long."""
        parts = self.parts
        warehouse = replace(parts.warehouse.address, port=self.postgres.port)
        lake = parts.lake.with_extra(endpoint_url=f"http://{LOOPBACK}:{self.lake.port}") if self.lake else parts.lake
        variables = connection_variables(parts.kafka, warehouse, lake)
        settings = parts.settings
        kafka = settings.kafka.model_copy(update={"deadline_s": self.kafka_deadline_s})
        return Adapters(Connections(read_environment(variables)), settings.model_copy(update={"kafka": kafka}))

    def heal(self) -> None:
        """Let the parts answer again, and be waited for."""
        self.kafka_deadline_s = PATIENT_S
        for proxy in filter(None, (self.kafka, self.postgres, self.lake)):
            proxy.heal()

    def assert_nothing_landed(self) -> None:
        """Fail when anything of a batch is in the warehouse but its plan."""
        view = read_view(self.parts.warehouse.address, POLLED)
        assert (view.samples, view.objects, view.sweeps, view.dead_letters, view.details) == ({}, {}, set(), {}, {})
        assert {row.state for row in view.batches.values()} <= {"planned"}
        assert all(first == following for _, first, following in view.positions.values())

    def assert_mended(self) -> None:
        """Heal the parts, land, and ask the oracle; the broken batch is landed as it was planned."""
        self.heal()
        planned = {n: row.ranges for n, row in self.batches().items() if row.state == "planned"}
        self.land()
        self.parts.assert_all_landed()
        assert {n: self.batches()[n].ranges for n in planned} == planned

    def batches(self) -> dict[int, Any]:
        return dict(read_view(self.parts.warehouse.address, POLLED).batches)

    def list_objects(self) -> list[str]:
        """Return the keys that the ledger lists."""
        return list(read_view(self.parts.warehouse.address, POLLED).objects)

    def execute(self, *statements: str) -> None:
        with connect(self.parts.warehouse.superuser, Role.OWNER) as connection:
            for statement in statements:
                connection.execute(statement)


class PostgresServer:
    """A PostgreSQL of its own."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self.part = PostgresPart(home=home, port=free_port(), password=secrets.token_urlsafe(16))
        self._start()

    def restart(self) -> None:
        """Stop at once, as `pg_ctl restart -m immediate` does, and start again."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(timeout=30)
        self._start()

    def remove(self) -> None:
        """Stop for good and leave nothing."""
        stop_program(self.part.program(), self._process)
        self.part.remove_outside_files()

    def _start(self) -> None:
        self.part.prepare()
        self._process = start_program(self.part.program(), self._home.root)
        wait_until_ready(self.part, is_running=lambda: self._process.poll() is None)


@contextmanager
def at(adapter: Any, method: str, do: Callable[[], None], *, after: bool = True) -> Iterator[None]:
    """Do something once, before or after a call of an adapter's method."""
    original = getattr(adapter, method)
    left = [do]

    def called(*arguments: Any, **named: Any) -> Any:
        if left and not after:
            left.pop()()
        answer = original(*arguments, **named)
        if left:
            left.pop()()
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(adapter, method, called)
        yield
    assert left == [], f"{method} was never called"
