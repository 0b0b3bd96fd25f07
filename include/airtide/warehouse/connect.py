"""Opens warehouse connections in the role of the work to be done, and names what goes wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum

import psycopg
from psycopg.errors import IdleInTransactionSessionTimeout

from airtide.domain.errors import CredentialsRejected, MisconfiguredError, PartUnreachable
from airtide.warehouse.bounded import BoundedConnection

CONNECTION_ID = "airtide_postgres"
CONNECT_TIMEOUT_S = 10
_SILENCE_TIMEOUT_MS = 30_000
_PROBE_EVERY_S = 10

# libpq gives no SQLSTATE for a refused log-in, and no login but a superuser's may choose the language of the server's
# texts: these are English, as in every cluster of locale C; in another language the failure counts as unreachable
_REFUSALS = ("password authentication failed", "no password supplied", "pg_hba.conf", "permission denied to set role")


class Role(StrEnum):
    """Whose rights a connection has; each may do its own kind of work and no other."""

    INGEST = "airtide_ingest"
    ROLLUP = "airtide_rollup"
    READER = "airtide_reader"
    OWNER = "airtide_owner"
    """Owns every table; only an administrator may take it, for migrations and policies."""


_STATEMENT_TIMEOUT_S: Mapping[Role | None, int] = {Role.INGEST: 300, Role.ROLLUP: 900, Role.READER: 5}
_ANSWER_MARGIN_S = 10
"""How much longer than the server's own time-out the client waits before it takes the server for hanging."""

POLL_STATEMENT_S = 5
"""For the few rows that a poll reads and writes: its tick does not wait for a warehouse that hangs."""
_POLL_MARGIN_S = 1

# a stalled writer is cut off by the server, so that its locks do not outlive it by more than this
_WRITER_OPTIONS = ("lock_timeout=60s", "idle_in_transaction_session_timeout=60s")
_OPTIONS = {
    Role.INGEST: _WRITER_OPTIONS,
    Role.ROLLUP: _WRITER_OPTIONS,
    Role.READER: ("default_transaction_read_only=on",),
    Role.OWNER: ("lock_timeout=60s",),
}


@dataclass(frozen=True, slots=True)
class PostgresAddress:
    """Where a database is and how to log in; the password never shows."""

    host: str
    port: int
    dbname: str
    user: str
    password: str = field(repr=False)

    def at(self, dbname: str) -> PostgresAddress:
        """Return the address of another database of the same server."""
        return replace(self, dbname=dbname)

    def __str__(self) -> str:
        return f"{self.user}@{self.host}:{self.port}/{self.dbname}"


def connect(
    address: PostgresAddress, role: Role | None = Role.INGEST, *, is_for_poll: bool = False
) -> BoundedConnection:
    """Open a connection that works as `role`, in UTC; None keeps the rights of the login itself.

    It is in autocommit: what belongs together goes into `with connection.transaction():`. The reader's is read-only.
    Statements end after 5 s for the reader, 5 min for landing and 15 min for a roll-up, and 10 s later on a server that
    hangs. Raises `PartUnreachable`, `CredentialsRejected` or `MisconfiguredError` within 10 s. A poll waits
    5 s for its connection and for each statement, 1 s longer on a server that hangs.
    """
    statement_s = POLL_STATEMENT_S if is_for_poll else _STATEMENT_TIMEOUT_S.get(role)
    with translate_failures(address):
        connection = BoundedConnection.connect(
            host=address.host,
            port=address.port,
            dbname=address.dbname,
            user=address.user,
            password=address.password,
            options=_session_options(role, statement_s),
            application_name=f"airtide {role.name.lower()}" if role else "airtide",
            connect_timeout=POLL_STATEMENT_S if is_for_poll else CONNECT_TIMEOUT_S,
            # a machine that is gone without a word is noticed within 40 s, whether data or nothing is on the way
            tcp_user_timeout=_SILENCE_TIMEOUT_MS,
            keepalives_idle=_PROBE_EVERY_S,
            keepalives_interval=_PROBE_EVERY_S,
            keepalives_count=3,
            autocommit=True,
        )
    if statement_s is not None:
        connection.longest_wait_s = statement_s + (_POLL_MARGIN_S if is_for_poll else _ANSWER_MARGIN_S)
    return connection


@contextmanager
def translate_failures(address: PostgresAddress) -> Iterator[None]:
    """Raise what psycopg says of the server's state as Airtide's errors; mistakes in statements pass unchanged."""
    try:
        yield
    except psycopg.errors.InsufficientPrivilege as error:
        raise CredentialsRejected(
            f"PostgreSQL at {address} refused: {_first_line(error)}; "
            f"run `airtide up`, or mend connection {CONNECTION_ID}"
        ) from error
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName) as error:
        raise _unprepared(address, error) from error
    except (psycopg.OperationalError, psycopg.InterfaceError, IdleInTransactionSessionTimeout) as error:
        if error.sqlstate is None and _is_refusal(str(error), address):
            raise CredentialsRejected(
                f"PostgreSQL refused the log-in as {address}: mend login and password of connection {CONNECTION_ID}"
            ) from error
        if error.sqlstate is None and _is_unprepared(str(error), address):
            raise _unprepared(address, error) from error
        if isinstance(error, psycopg.errors.DiskFull):
            raise PartUnreachable(
                f"PostgreSQL at {address} (connection {CONNECTION_ID}) has no room left: {_first_line(error)}; "
                "free space on its disk, nothing of this transaction is kept"
            ) from error
        raise PartUnreachable(
            f"PostgreSQL at {address} (connection {CONNECTION_ID}) does not answer as it should: {_first_line(error)}"
        ) from error


def _session_options(role: Role | None, statement_s: int | None) -> str:
    # of sets that a statement is handed the planner expects too much, and compiling it takes longer than running it
    settings = ["timezone=UTC", "jit=off"]
    if role is not None:
        settings += [f"role={role}", *_OPTIONS[role]]
    if statement_s is not None:
        settings.append(f"statement_timeout={statement_s}s")
    return " ".join(f"-c {setting}" for setting in settings)


def _is_refusal(text: str, address: PostgresAddress) -> bool:
    return any(sign in text for sign in (*_REFUSALS, f'role "{address.user}" does not exist'))


def _is_unprepared(text: str, address: PostgresAddress) -> bool:
    missing = (f'database "{address.dbname}"', *(f'role "{role}"' for role in Role))
    return any(f"{name} does not exist" in text for name in missing)


def _unprepared(address: PostgresAddress, error: psycopg.Error) -> MisconfiguredError:
    return MisconfiguredError(
        f"the warehouse at {address} is not prepared ({_first_line(error)}): run `airtide up`, "
        f"or mend connection {CONNECTION_ID}"
    )


def _first_line(error: psycopg.Error) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
