"""How failures of PostgreSQL are named."""

from __future__ import annotations

import psycopg
import pytest

from airtide.domain.errors import CredentialsRejected, MisconfiguredError, PartUnreachable
from airtide.warehouse.connect import PostgresAddress, translate_failures

ADDRESS = PostgresAddress("db.example", 5432, "airtide", "airtide", "hunter2")


@pytest.mark.parametrize(
    ("failure", "named"),
    [
        (psycopg.OperationalError("connection refused"), PartUnreachable),
        (psycopg.errors.AdminShutdown("terminating connection"), PartUnreachable),
        (psycopg.errors.DiskFull("could not extend file"), PartUnreachable),
        (psycopg.errors.QueryCanceled("statement timeout"), PartUnreachable),
        (psycopg.errors.IdleInTransactionSessionTimeout("terminating connection"), PartUnreachable),
        (psycopg.InterfaceError("the connection is closed"), PartUnreachable),
        (psycopg.OperationalError('FATAL: password authentication failed for user "airtide"'), CredentialsRejected),
        (psycopg.OperationalError('FATAL: permission denied to set role "airtide_owner"'), CredentialsRejected),
        (psycopg.errors.InsufficientPrivilege("permission denied for table sample"), CredentialsRejected),
        (psycopg.OperationalError('FATAL: role "airtide" does not exist'), CredentialsRejected),
        (psycopg.OperationalError('FATAL: database "airtide" does not exist'), MisconfiguredError),
        (psycopg.OperationalError('FATAL: role "airtide_ingest" does not exist'), MisconfiguredError),
        (psycopg.OperationalError("could not translate host name: the name does not exist"), PartUnreachable),
        (psycopg.errors.UndefinedTable('relation "ingest.position" does not exist'), MisconfiguredError),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_a_failure_is_named_by_what_to_do_next(failure, named):
    with pytest.raises(named, match=r"airtide@db\.example:5432/airtide") as raised, translate_failures(ADDRESS):
        raise failure
    assert "airtide_postgres" in str(raised.value)


def test_a_mistake_in_a_statement_is_not_hidden():
    with pytest.raises(psycopg.errors.UndefinedColumn), translate_failures(ADDRESS):
        raise psycopg.errors.UndefinedColumn('column "x" does not exist')


def test_the_password_never_shows():
    assert "hunter2" not in f"{ADDRESS} {ADDRESS!r}"
    with pytest.raises(PartUnreachable) as raised, translate_failures(ADDRESS):
        raise psycopg.OperationalError("gone")
    assert "hunter2" not in str(raised.value)
