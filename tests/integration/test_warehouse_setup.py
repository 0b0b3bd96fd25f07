"""Making the warehouse, and what each role may do in it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from airtide.domain.errors import CredentialsRejected, MisconfiguredError, PartUnreachable
from airtide.domain.models import Platform
from airtide.warehouse.connect import PostgresAddress, Role, connect, translate_failures
from airtide.warehouse.policies import PlatformPolicy, read_stamp, stamp_store, write_policies
from airtide.warehouse.setup import LOGIN, prepare_warehouse

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
PASSWORD = "a password with ' and % in it"


def run(address: PostgresAddress, role: Role | None, statement: str) -> list[tuple]:
    with connect(address, role) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def database(postgres: PostgresAddress, warehouse_maker) -> Iterator[str]:
    """The name of a database that is not there; the login's password is put back afterwards."""
    name = "made_by_setup"
    hashed = run(postgres, None, f"SELECT rolpassword FROM pg_authid WHERE rolname = '{LOGIN}'")[0][0]
    yield name
    run(postgres, None, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    run(postgres, None, f"ALTER ROLE {LOGIN} PASSWORD '{hashed}'")


def test_a_server_without_a_warehouse_is_told_apart_from_one_that_is_down(postgres, database):
    with pytest.raises(MisconfiguredError, match="airtide up"):
        connect(postgres.at(database))
    with pytest.raises(PartUnreachable, match="airtide_postgres"):
        connect(replace(postgres, port=1))


def test_making_it_again_changes_nothing_and_a_new_password_counts(postgres, database):
    prepare_warehouse(postgres, "first", database)
    run(postgres.at(database), Role.OWNER, "INSERT INTO ingest.loss VALUES (DEFAULT, 't', 'i', 0, 0, 1, 'r', now())")
    prepare_warehouse(postgres, PASSWORD, database)
    login = replace(postgres, dbname=database, user=LOGIN, password=PASSWORD)
    assert run(login, Role.READER, "SELECT count(*) FROM ingest.loss") == [(1,)]
    with pytest.raises(CredentialsRejected, match="airtide_postgres"):
        connect(replace(login, password="first"))


def test_two_starts_at_once_take_turns(postgres, database):
    with ThreadPoolExecutor(max_workers=2) as pool:
        for done in [pool.submit(prepare_warehouse, postgres, PASSWORD, database) for _ in range(2)]:
            done.result()
    assert run(postgres.at(database), Role.OWNER, "SELECT version_num FROM airtide_version")


def test_every_role_works_in_utc_and_only_as_itself(warehouse):
    for role in (Role.INGEST, Role.ROLLUP, Role.READER):
        [(user, login, zone)] = run(
            warehouse.address, role, "SELECT current_user, session_user, current_setting('timezone')"
        )
        assert (user, login, zone) == (role, LOGIN, "UTC")
    with pytest.raises(CredentialsRejected):
        connect(warehouse.address, Role.OWNER)


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        (None, "SELECT count(*) FROM live.sample"),
        (Role.INGEST, "UPDATE policy.store_stamp SET kind = 'real'"),
        (Role.INGEST, "DELETE FROM live.sample"),
        (Role.INGEST, "INSERT INTO trends.channel_day DEFAULT VALUES"),
        (Role.INGEST, "INSERT INTO trends.zone_day DEFAULT VALUES"),
        (Role.INGEST, "DELETE FROM trends.category_hour"),
        (Role.INGEST, "UPDATE trends.zone_day SET ends_at = starts_at"),
        (Role.INGEST, "CREATE TABLE live.own ()"),
        (Role.INGEST, "DELETE FROM trends.quality_check"),
        (Role.INGEST, "DELETE FROM trends.broadcast_hour_mark"),
        (Role.READER, "DELETE FROM trends.quality_check"),
        (Role.ROLLUP, "INSERT INTO live.sample DEFAULT VALUES"),
        (Role.ROLLUP, "UPDATE ingest.position SET next_offset = 0"),
        (Role.READER, "SELECT live.ensure_sample_partition('soop', '2026-01-01', '2026-01-02')"),
    ],
)
def test_no_role_does_the_work_of_another(warehouse, role, statement):
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)):
        run(warehouse.address, role, statement)


def test_the_reader_writes_nothing_even_if_it_asks_to(warehouse):
    with connect(warehouse.address, Role.READER) as connection:
        connection.execute("SET default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("INSERT INTO trends.dirty_day VALUES (DEFAULT, 'soop', 'UTC', '2026-01-01', 1)")


@pytest.mark.parametrize(
    ("role", "longest"), [(Role.INGEST, "5min"), (Role.ROLLUP, "15min"), (Role.READER, "5s")], ids=str
)
def test_no_statement_runs_without_end(warehouse, role, longest):
    assert run(warehouse.address, role, "SHOW statement_timeout") == [(longest,)]


@pytest.mark.parametrize(("role", "longest_s"), [(Role.INGEST, 310), (Role.ROLLUP, 910), (Role.READER, 15)], ids=str)
def test_a_client_waits_a_little_longer_than_a_statement_may_run(warehouse, role, longest_s):
    with connect(warehouse.address, role) as connection:
        assert connection.longest_wait_s == longest_s


def test_a_poll_waits_a_few_seconds_for_the_warehouse(warehouse):
    with connect(warehouse.address, is_for_poll=True) as connection:
        assert connection.execute("SHOW statement_timeout").fetchone() == ("5s",)
        assert connection.longest_wait_s == 6
        assert connection.info.get_parameters()["connect_timeout"] == "5"


def test_a_machine_that_is_gone_without_a_word_is_noticed(warehouse):
    with connect(warehouse.address) as connection:
        said = connection.info.get_parameters()
    assert (said["connect_timeout"], said["tcp_user_timeout"]) == ("10", "30000")
    assert (said["keepalives_idle"], said["keepalives_interval"], said["keepalives_count"]) == ("10", "10", "3")


def test_a_server_that_hangs_is_given_up(warehouse):
    connection = connect(warehouse.address)
    connection.longest_wait_s = 0.3
    backend = connection.info.backend_pid
    os.kill(backend, signal.SIGSTOP)
    try:
        with (
            pytest.raises(PartUnreachable, match=r"no answer within 0\.3 s"),
            translate_failures(warehouse.address),
            connection.transaction(),
        ):
            connection.execute("SELECT 1")
    finally:
        os.kill(backend, signal.SIGCONT)
    assert connection.closed


def test_a_login_that_is_not_there_is_no_missing_warehouse(postgres, database):
    prepare_warehouse(postgres, PASSWORD, database)
    with pytest.raises(CredentialsRejected, match="airtide_postgres"):
        connect(replace(postgres, dbname=database, user="nobody"))


def test_the_server_speaks_the_language_in_which_refusals_are_understood(postgres):
    assert run(postgres, None, "SHOW lc_messages") == [("C",)]


def test_the_function_that_works_as_the_owner_finds_no_object_of_a_session_first(warehouse):
    [(settings,)] = run(
        warehouse.address, Role.READER, "SELECT proconfig FROM pg_proc WHERE proname = 'ensure_sample_partition'"
    )
    assert "search_path=pg_catalog, pg_temp" in settings


def make_policy(raw_age: timedelta) -> PlatformPolicy:
    return PlatformPolicy(
        platform=Platform.SOOP,
        raw_age=raw_age,
        text_age=raw_age,
        statistics_age=raw_age,
        picture_age=raw_age,
        pictures="never",
        in_combined_rank=False,
    )


def test_policies_become_what_settings_say(warehouse):
    with connect(warehouse.superuser, Role.OWNER) as connection:
        write_policies(connection, [make_policy(timedelta(days=30))])
        write_policies(connection, [make_policy(timedelta(hours=24))])
    assert run(warehouse.address, Role.READER, "SELECT platform::TEXT, raw_age FROM policy.platform_policy") == [
        ("soop", timedelta(days=1))
    ]


def test_a_store_keeps_to_one_kind_and_says_how_to_start_the_other(warehouse):
    with connect(warehouse.superuser, Role.OWNER) as connection:
        with pytest.raises(MisconfiguredError, match="airtide up"):
            read_stamp(connection)
        stamp_store(connection, "simulated", now=NOW)
        stamp_store(connection, "simulated", now=NOW)
        with pytest.raises(MisconfiguredError, match=r"AIRTIDE__MODE=simulated.*AIRTIDE__LOCAL__HOME"):
            stamp_store(connection, "real", now=NOW)
        assert read_stamp(connection) == "simulated"


def test_a_leaf_of_samples_holds_whole_hours(warehouse):
    for span in ("'2026-01-01 00:30', '2026-01-01 01:00'", "'2026-01-01', '2026-01-01'", "'2026-01-01', '2026-01-03'"):
        with pytest.raises(psycopg.errors.RaiseException, match="whole hours"):
            run(warehouse.address, Role.INGEST, f"SELECT live.ensure_sample_partition('soop', {span})")
