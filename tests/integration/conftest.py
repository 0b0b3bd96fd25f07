"""Order of tests that share what one of them ends, and parts behind proxies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from tests.chaos.parts import landing_parts
from tests.integration.rig import POLLED, PostgresServer, ProxiedKafka, Rig
from tests.proxies import LOOPBACK, TcpProxy, tcp_proxy
from tests.services import TEMPLATE, Warehouse, WarehouseMaker, free_port, running

from airtide.local.home import Home
from airtide.local.java import JavaRuntime, fetch_jars, find_java


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put tests marked `in_order` back into the order of their file, after all others were shuffled."""
    places: dict[str, list[int]] = {}
    for place, item in enumerate(items):
        if item.get_closest_marker("in_order"):
            places.setdefault(item.location[0], []).append(place)
    for taken in places.values():
        for place, item in zip(taken, sorted((items[n] for n in taken), key=_line_of), strict=True):
            items[place] = item


def _line_of(item: pytest.Item) -> int:
    return item.location[1] or 0


@pytest.fixture(scope="session")
def kafka_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TcpProxy]:
    """A proxy before a broker that nobody reaches by another way."""
    home = Home(tmp_path_factory.mktemp("kafka").resolve())
    java = JavaRuntime(java=find_java(), jars=fetch_jars())
    part = ProxiedKafka(home=home, java=java, port=free_port(), controller_port=free_port())
    with tcp_proxy(LOOPBACK, part.port) as proxy:
        part.advertised_port = proxy.port
        with running(part, home):
            yield proxy


@pytest.fixture
def rig(kafka_proxy, warehouse, lake) -> Iterator[Rig]:
    """Parts that hold two ticks to land."""
    kafka = {"bootstrap.servers": f"{LOOPBACK}:{kafka_proxy.port}", "enable.auto.commit": "false"}
    with ExitStack() as stack:
        parts = stack.enter_context(landing_parts(POLLED, kafka, warehouse, lake))
        ports = (warehouse.address.port, lake.port)
        proxies = [stack.enter_context(tcp_proxy(LOOPBACK, port)) if port else None for port in ports]
        rig = Rig(parts, kafka_proxy, *proxies)
        parts.publish(0, 1)
        yield rig
        rig.heal()


@pytest.fixture
def own_rig(tmp_path, kafka_proxy, lake) -> Iterator[tuple[Rig, PostgresServer]]:
    """Parts that hold two ticks to land, with a PostgreSQL server that may be restarted."""
    server = PostgresServer(Home(tmp_path.resolve()))
    with ExitStack() as stack:
        stack.callback(server.remove)
        maker = WarehouseMaker(server.part.superuser())
        warehouse = Warehouse(maker.login.at(TEMPLATE), server.part.superuser().at(TEMPLATE))
        kafka = {"bootstrap.servers": f"{LOOPBACK}:{kafka_proxy.port}", "enable.auto.commit": "false"}
        parts = stack.enter_context(landing_parts(POLLED, kafka, warehouse, lake))
        ports = (server.part.port, lake.port)
        proxies = [stack.enter_context(tcp_proxy(LOOPBACK, port)) if port else None for port in ports]
        parts.publish(0, 1)
        yield Rig(parts, kafka_proxy, *proxies), server
