"""Starts the parts of local mode for a test session: real processes on free ports, without Airflow and a supervisor."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from airtide.local.parts import LOOPBACK, Part, wait_until_ready
from airtide.local.parts.postgres import SUPERUSER, PostgresPart
from airtide.local.program import start_program, stop_program


def free_port() -> int:
    """Return a loopback port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(part: Part, folder: Path) -> Iterator[None]:
    """Run `part` until the block ends, its log in `folder`."""
    part.prepare()
    program = part.program()
    process = start_program(program, folder)
    try:
        wait_until_ready(part, is_running=lambda: process.poll() is None)
        yield
    finally:
        stop_program(program, process)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    """A running PostgreSQL and its superuser."""

    port: int
    password: str
    host: str = LOOPBACK
    user: str = SUPERUSER

    def dsn(self, dbname: str = "postgres") -> str:
        """Return the superuser's connection string for a database."""
        return f"host={self.host} port={self.port} dbname={dbname} user={self.user} password={self.password}"

    def create_database(self, dbname: str, *, template: str = "template0") -> None:
        """Make a database as a copy of `template`, which nobody may be connected to."""
        self._execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(dbname), sql.Identifier(template)
            )
        )

    def drop_database(self, dbname: str) -> None:
        """Remove a database together with the connections that a test left open."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(dbname)))

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def running_postgres(state: Path) -> Iterator[PostgresServer]:
    """Run a PostgreSQL of its own under `state` and remove all of it at the end."""
    password = secrets.token_urlsafe(16)
    part = PostgresPart(state=state, port=free_port(), password=password)
    try:
        with running(part, state):
            yield PostgresServer(port=part.port, password=password)
    finally:
        part.remove_outside_files()
