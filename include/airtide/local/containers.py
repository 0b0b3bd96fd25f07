"""The same installation as containers: the secrets of `.env`, and what its own services do: `init` and `pauses`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from pathlib import Path

from airtide.domain.errors import MisconfiguredError
from airtide.domain.models import Platform
from airtide.local.airflow_database import migrate_airflow
from airtide.local.environment import ADMIN, Addresses, Folders, list_users, render_sites
from airtide.local.pauses import DagSwitch
from airtide.local.postgres_cluster import SUPERUSER
from airtide.local.prepare import prepare_airflow_database, prepare_stores
from airtide.local.program import write_private
from airtide.local.secret_file import Secrets, complete_secrets
from airtide.local.sites import choose_mode, list_accounts, read_env_file, read_keys, simulated_credentials
from airtide.settings import POLLED_PLATFORMS, Settings, load_settings
from airtide.wiring.connections import Connections, read_environment

ADDRESSES = Addresses(
    kafka="kafka:9092",
    postgres_host="postgres",
    postgres_port=5432,
    lake_url="http://lake:9000",
    airflow_bind_host="0.0.0.0",  # noqa: S104 - inside the container; docker-compose.yaml publishes it on loopback
    airflow_port=8080,
    airflow_url="http://api-server:8080",
    browser_url="http://127.0.0.1:28080",
)
"""Where containers reach one another: by their services' names."""

FOLDERS = Folders(airflow_home="/opt/airflow", checkout="/opt/airtide")
SIMULATORS_URL = "http://simulators:8090"
SIMULATED_KEYS_FILE = f"{FOLDERS.airflow_home}/simulators.json"
PREFIX = "AIRTIDE_SECRET_"
HEADING = "# Below this line `make env` writes; secrets stay as they are, connections follow the keys above."


def write_env_file(file: Path) -> None:
    """Write into `file` what docker-compose.yaml asks for; what is there above our heading and known secrets stay."""
    stored = read_env_file(file)
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    if file.exists():
        file.chmod(0o600)
    secrets = complete_secrets(
        {name: stored[variable] or "" for name, variable in secret_variables().items() if stored.get(variable)}
    )
    own = text.split(HEADING)[0].rstrip()
    lines = [own, "", HEADING] if own else [HEADING]
    variables = render_variables(secrets, read_keys(file, environment={}), load_settings())
    write_private(file, "\n".join([*lines, *(f"{name}='{value}'" for name, value in variables.items())]) + "\n")


def render_variables(secrets: Secrets, keys: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """Return every variable that docker-compose.yaml asks for."""
    values = asdict(secrets)
    accounts = list_accounts(keys, secrets, settings, SIMULATORS_URL)
    return {
        **{variable: values[name] for name, variable in secret_variables().items()},
        "AIRTIDE__MODE": choose_mode(keys),
        **render_sites(accounts),
    }


def secret_variables() -> dict[str, str]:
    """Return the variable of `.env` for each secret."""
    return {field.name: f"{PREFIX}{field.name.upper()}" for field in fields(Secrets)}


def prepare_containers(environment: Mapping[str, str]) -> None:
    """Make databases, topics, bucket, users and the simulated sites' keys; what the `init` service runs."""
    secrets = read_secrets(environment)
    connections = Connections(read_environment(environment))
    settings = load_settings()
    superuser = replace(
        connections.postgres_address(), dbname="postgres", user=SUPERUSER, password=secrets.postgres_superuser
    )
    prepare_stores(connections, superuser, settings, datetime.now(UTC))
    prepare_airflow_database(superuser, secrets.postgres_airflow)
    write_private(
        Path(environment["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"]), json.dumps(list_users(secrets))
    )
    write_private(Path(SIMULATED_KEYS_FILE), json.dumps(simulated_credentials(secrets)))
    migrate_airflow(environment, Path(environment["AIRFLOW_HOME"]) / "migrate.log")


def pause_without_key(environment: Mapping[str, str]) -> list[Platform]:
    """Pause the Dags of sites without a key, and wake those that have one now; what the `pauses` service runs.

    Returns the paused sites; raises `PartUnreachable` when Airflow does not let it.
    """
    connections = Connections(read_environment(environment))
    passwords = json.loads(
        Path(environment["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"]).read_text(encoding="utf-8")
    )
    switch = DagSwitch(ADDRESSES.airflow_url, passwords[ADMIN], Path(environment["AIRFLOW_HOME"]) / "paused.json")
    return switch.pause_only([platform for platform in POLLED_PLATFORMS if not connections.has_key(platform)])


def read_secrets(environment: Mapping[str, str]) -> Secrets:
    """Return the secrets that `.env` handed on; raises `MisconfiguredError` when one is missing."""
    missing = [variable for variable in secret_variables().values() if not environment.get(variable)]
    if missing:
        raise MisconfiguredError(f"{', '.join(missing)} not set: run make env")
    return Secrets(**{name: environment[variable] for name, variable in secret_variables().items()})
