"""A warehouse whose policies keep everything, and the connections that land and roll up in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from tests.services import Warehouse, WarehouseMaker
from tests.sql.worlds import write_policies

from airtide.warehouse.connect import Role, connect

LONG = timedelta(days=400)


@pytest.fixture
def owner(warehouse: Warehouse) -> Iterator[psycopg.Connection]:
    """A connection that may change policies."""
    with connect(warehouse.superuser, Role.OWNER) as connection:
        write_policies(connection, LONG, LONG)
        yield connection


@pytest.fixture
def landing(warehouse: Warehouse, owner: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """A connection that lands."""
    with connect(warehouse.address, Role.INGEST) as connection:
        yield connection


@pytest.fixture
def rolling(warehouse: Warehouse, owner: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """A connection that rolls up."""
    with connect(warehouse.address, Role.ROLLUP) as connection:
        yield connection


@pytest.fixture(scope="module")
def empty_warehouse(warehouse_maker: WarehouseMaker) -> Iterator[Warehouse]:
    """A warehouse that stays empty."""
    with warehouse_maker.warehouse() as made:
        yield made


@pytest.fixture
def db(empty_warehouse: Warehouse) -> Iterator[psycopg.Connection]:
    """A connection that may write every table; what a test gives is never committed: the next one finds them empty."""
    with connect(empty_warehouse.superuser, None) as connection, connection.transaction(force_rollback=True):
        yield connection
