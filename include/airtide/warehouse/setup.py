"""Makes the warehouse: database, roles, schema. Doing it again changes nothing."""

from __future__ import annotations

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from airtide.warehouse.connect import PostgresAddress, Role, connect, translate_failures

LOGIN = "airtide"
"""The role that Airflow's connection logs in as; it has no rights but to become one of its roles."""

_MIGRATIONS = Path(__file__).parent / "migrations"
_TAKEN_BY_LOGIN = (Role.INGEST, Role.ROLLUP, Role.READER)


def prepare_warehouse(admin: PostgresAddress, app_password: str, database: str = "airtide") -> None:
    """Make roles, login and database where they are missing, set the login's password, bring the schema up to date.

    `admin` is a database of the same server and a login that may create roles and databases. Several at once take
    turns. Raises like `connect`.
    """
    with translate_failures(admin), connect(admin, None) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext('airtide.prepare_warehouse'))")
        _make_roles(connection)
        _make_login(connection, app_password)
        _make_database(connection, database)
        migrate(admin.at(database))


def migrate(admin: PostgresAddress) -> None:
    """Bring the schema of one database up to date, as the owner of its tables."""
    engine = create_engine("postgresql+psycopg://", creator=lambda: _connect_as_owner(admin), poolclass=NullPool)
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _connect_as_owner(admin: PostgresAddress) -> psycopg.Connection:
    connection = connect(admin, Role.OWNER)
    connection.autocommit = False
    return connection


def _make_roles(connection: psycopg.Connection) -> None:
    for role in Role:
        if not _has_role(connection, role):
            connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
    connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(Role.OWNER)))


def _make_login(connection: psycopg.Connection, password: str) -> None:
    login = sql.Identifier(LOGIN)
    if not _has_role(connection, LOGIN):
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN NOINHERIT").format(login))
    # hashed here, so that the server's log can never show it
    hashed = connection.pgconn.encrypt_password(password.encode(), LOGIN.encode(), b"scram-sha-256").decode()
    connection.execute(sql.SQL("ALTER ROLE {} LOGIN NOINHERIT PASSWORD {}").format(login, sql.Literal(hashed)))
    roles = sql.SQL(", ").join(map(sql.Identifier, _TAKEN_BY_LOGIN))
    connection.execute(sql.SQL("GRANT {} TO {} WITH INHERIT FALSE, SET TRUE").format(roles, login))


def _make_database(connection: psycopg.Connection, database: str) -> None:
    name = sql.Identifier(database)
    known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone()
    if known is None:
        # the built-in locale sorts and folds case alike on every machine
        connection.execute(
            sql.SQL(
                "CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8' "
                "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
            ).format(name, sql.Identifier(Role.OWNER))
        )
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    connection.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(name, sql.Identifier(LOGIN)))
    connection.execute(
        sql.SQL("GRANT TEMPORARY ON DATABASE {} TO {}").format(
            name, sql.SQL(", ").join(map(sql.Identifier, _TAKEN_BY_LOGIN))
        )
    )


def _has_role(connection: psycopg.Connection, role: str) -> bool:
    return connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone() is not None
