"""Starts the parts of local mode for a test session: real processes on free ports, without Airflow and a supervisor."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from psycopg import sql

from airtide.local.parts import LOOPBACK, Part, wait_until_ready
from airtide.local.parts.postgres import PostgresPart
from airtide.local.program import start_program, stop_program
from airtide.warehouse.connect import PostgresAddress, Role, connect
from airtide.warehouse.setup import LOGIN, prepare_warehouse

TEMPLATE = "airtide_template"


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


@contextmanager
def running_postgres(state: Path) -> Iterator[PostgresAddress]:
    """Run a PostgreSQL of its own under `state`, removed at the end; yields its superuser's address."""
    part = PostgresPart(state=state, port=free_port(), password=secrets.token_urlsafe(16))
    try:
        with running(part, state):
            yield part.superuser()
    finally:
        part.remove_outside_files()


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A database with the current schema: where the application and where its superuser log in."""

    address: PostgresAddress
    superuser: PostgresAddress


class WarehouseMaker:
    """Makes warehouses as copies of one that is migrated once."""

    def __init__(self, superuser: PostgresAddress) -> None:
        self._superuser = superuser
        self._login = replace(superuser, user=LOGIN, password=secrets.token_urlsafe(16))
        self._made = 0
        prepare_warehouse(superuser, self._login.password, TEMPLATE)

    @contextmanager
    def warehouse(self) -> Iterator[Warehouse]:
        """Make a fresh warehouse and drop it afterwards, together with the connections that a test left open."""
        self._made += 1
        name = f"warehouse_{self._made}"
        with connect(self._superuser, None) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY FILE_COPY").format(
                    sql.Identifier(name), sql.Identifier(Role.OWNER), sql.Identifier(TEMPLATE)
                )
            )
            try:
                yield Warehouse(self._login.at(name), self._superuser.at(name))
            finally:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
