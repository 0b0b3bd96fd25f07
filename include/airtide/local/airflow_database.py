"""Brings Airflow's own database up to date, with Airflow's own command."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from airtide.domain.errors import PartUnreachable
from airtide.local.parts.airflow import airflow_command
from airtide.local.program import write_private

if TYPE_CHECKING:
    from airtide.warehouse.connect import PostgresAddress


def migrate_airflow(environment: Mapping[str, str], log: Path) -> None:
    """Run `airflow db migrate`, its words going to `log`; raises `PartUnreachable` when it fails."""
    with log.open("ab") as stream:
        migrated = subprocess.run(  # noqa: S603 - the command is ours
            airflow_command("db", "migrate"), env=dict(environment), stdout=stream, stderr=stream, check=False
        )
    if migrated.returncode != 0:
        raise PartUnreachable(f"airflow db migrate failed: see {log}")


def migrate_airflow_once(environment: Mapping[str, str], log: Path, database: PostgresAddress, stamp: Path) -> None:
    """Migrate unless the database is known to be as this version of Airflow left it: the command takes seconds."""
    wanted = f"{version('apache-airflow-core')} {read_revision(database)}"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    migrate_airflow(environment, log)
    write_private(stamp, f"{version('apache-airflow-core')} {read_revision(database)}")


def read_revision(database: PostgresAddress) -> str:
    """Return the revision of Airflow's schema; empty when there is none yet."""
    from airtide.warehouse.connect import connect

    with connect(database, None) as connection:
        known = connection.execute("SELECT to_regclass('public.alembic_version')").fetchone()
        if known is None or known[0] is None:
            return ""
        row = connection.execute("SELECT version_num FROM public.alembic_version").fetchone()
    return str(row[0]) if row else ""
