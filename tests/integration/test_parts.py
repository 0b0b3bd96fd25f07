"""The parts as the fixtures start them: what other tests rely on."""

from __future__ import annotations

import psycopg
import pytest
from tests.services import PostgresServer


def test_postgres_refuses_a_wrong_password(postgres: PostgresServer) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres.dsn().replace(postgres.password, "wrong"))


def test_postgres_keeps_checksums_and_utc(postgres: PostgresServer) -> None:
    with psycopg.connect(postgres.dsn()) as connection:
        shown = [connection.execute(f"SHOW {name}").fetchone()[0] for name in ("data_checksums", "fsync", "timezone")]
    assert shown == ["on", "on", "UTC"]
