"""The reader's connections: they only read, see one state, outlive a restart and end in time."""

from __future__ import annotations

import psycopg
import pytest
from tests.sql.read_rows import TICK, give

from airtide.domain.errors import CredentialsRejected, PartUnreachable
from airtide.warehouse.connect import PostgresAddress, connect
from airtide.warehouse.queries.reader import MOST_IDLE, WarehouseReader


@pytest.fixture(scope="module")
def warehouse(warehouse_maker):
    with warehouse_maker.warehouse() as made:
        yield made


@pytest.fixture
def reader(warehouse):
    reader = WarehouseReader(warehouse.address)
    yield reader
    reader.close()


def count_channels(connection):
    return connection.execute("SELECT COUNT(*) FROM live.channel").fetchone()[0]


def read_process(connection):
    return connection.info.backend_pid


def test_nothing_can_be_written_through_it(reader):
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        reader.read(lambda connection: connection.execute("DELETE FROM live.channel"))


def test_it_has_the_readers_rights_even_outside_a_read_only_transaction(reader):
    def write(connection):
        connection.execute("SET TRANSACTION READ WRITE")
        connection.execute("DELETE FROM live.channel")

    with pytest.raises(CredentialsRejected):
        reader.read(write)


def test_all_statements_of_a_query_see_one_state(warehouse, reader):
    def count_twice(connection):
        first = count_channels(connection)
        with connect(warehouse.superuser, None) as writer:
            give(writer, "live.channel", channel_key=1, platform="twitch", channel_id="late", observed_at=TICK)
        return first, count_channels(connection)

    assert reader.read(count_twice) == (0, 0)
    assert reader.read(count_channels) == 1


def test_an_idle_connection_is_used_again(reader):
    assert reader.read(read_process) == reader.read(read_process)


def test_a_failed_query_leaves_the_connection_usable(reader):
    process = reader.read(read_process)
    with pytest.raises(psycopg.errors.DivisionByZero):
        reader.read(lambda connection: connection.execute("SELECT 1 / 0"))

    assert reader.read(read_process) == process


def test_a_connection_that_died_while_idle_is_replaced_unnoticed(warehouse, reader):
    process = reader.read(read_process)
    with connect(warehouse.superuser, None) as superuser:
        superuser.execute("SELECT pg_terminate_backend(%s, 5000)", (process,))

    assert reader.read(read_process) != process


def test_a_statement_that_takes_too_long_is_an_outage_and_not_tried_again(reader):
    tries = []

    def sleep(connection):
        tries.append(connection)
        connection.execute("SET LOCAL statement_timeout = '50ms'")
        connection.execute("SELECT pg_sleep(5)")

    reader.read(read_process)
    with pytest.raises(PartUnreachable):
        reader.read(sleep)

    assert len(tries) == 1


def test_a_statement_may_take_five_seconds_at_most(reader):
    assert reader.read(lambda connection: connection.execute("SHOW statement_timeout").fetchone()) == ("5s",)


def test_only_a_few_connections_are_kept(reader):
    def nest(depth):
        return reader.read(lambda connection: [read_process(connection), *(nest(depth - 1) if depth else [])])

    processes = nest(MOST_IDLE + 2)

    assert len(set(processes)) == MOST_IDLE + 3
    assert reader._idle.qsize() == MOST_IDLE


def test_a_server_that_is_not_there_is_an_outage():
    reader = WarehouseReader(PostgresAddress("127.0.0.1", 1, "airtide", "airtide", "x"))

    with pytest.raises(PartUnreachable):
        reader.read(count_channels)
