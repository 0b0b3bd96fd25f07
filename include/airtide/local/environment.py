"""Airflow's environment and its connections, rendered for given addresses: local mode's and Docker Compose's alike."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from airtide.local.parts.lake import REGION
from airtide.local.secret_file import Secrets
from airtide.local.sites import Mode, SiteAccount

ADMIN = "admin"
VIEWER = "viewer"
DATABASE = "airtide"
AIRFLOW_DATABASE = "airflow"
"""Database and login of Airflow's own metadata."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where the parts reach one another; hosts and ports as `host:port`, or whole URLs."""

    kafka: str
    postgres_host: str
    postgres_port: int
    lake_url: str
    airflow_bind_host: str
    airflow_port: int
    airflow_url: str
    """Where Airflow's processes reach its API server."""
    browser_url: str
    """Where people reach it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """Where Airflow's processes find the code and keep their files."""

    airflow_home: str
    checkout: str


def render_connections(addresses: Addresses, secrets: Secrets, accounts: Sequence[SiteAccount]) -> dict[str, str]:
    """Return every connection under its AIRFLOW_CONN_… name, in Airflow's JSON form; the values are secret."""
    connections: dict[str, dict[str, Any]] = {
        "airtide_kafka": {
            "conn_type": "kafka",
            "extra": {"bootstrap.servers": addresses.kafka, "enable.auto.commit": "false"},
        },
        "airtide_postgres": {
            "conn_type": "postgres",
            "host": addresses.postgres_host,
            "port": addresses.postgres_port,
            "login": "airtide",
            "password": secrets.postgres_airtide,
            "schema": DATABASE,
        },
        "airtide_airflow": {
            "conn_type": "postgres",
            "host": addresses.postgres_host,
            "port": addresses.postgres_port,
            "login": AIRFLOW_DATABASE,
            "password": secrets.postgres_airflow,
            "schema": AIRFLOW_DATABASE,
        },
        "airtide_lake": {
            "conn_type": "aws",
            "login": secrets.lake_access_key,
            "password": secrets.lake_secret_key,
            "extra": {
                "region_name": REGION,
                "endpoint_url": addresses.lake_url,
                "config_kwargs": {"s3": {"addressing_style": "path"}},
            },
        },
    }
    return {**_name_variables(connections), **render_sites(accounts)}


def render_sites(accounts: Sequence[SiteAccount]) -> dict[str, str]:
    """Return the sites' connections under their AIRFLOW_CONN_… names."""
    return _name_variables(
        {
            f"airtide_{account.platform}": {
                "conn_type": "http",
                "host": account.base_url,
                "login": account.login,
                "password": account.password,
                "extra": {"token_url": account.token_url, "simulated": account.simulated},
            }
            for account in accounts
        }
    )


def list_users(secrets: Secrets) -> dict[str, str]:
    """Return the passwords of Airflow's users by their names."""
    return {ADMIN: secrets.airflow_admin_password, VIEWER: secrets.airflow_viewer_password}


def _name_variables(connections: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {f"AIRFLOW_CONN_{conn_id.upper()}": json.dumps(values) for conn_id, values in connections.items()}


def render_airflow(addresses: Addresses, folders: Folders, secrets: Secrets, mode: Mode) -> dict[str, str]:
    """Return the settings that each of Airflow's processes needs, without the connections.

    Airflow's processes trust each other by the same JWT secret and Fernet key; workers know only the API server.
    """
    airflow = {
        "CORE__DAGS_FOLDER": f"{folders.checkout}/dags",
        "CORE__PLUGINS_FOLDER": f"{folders.checkout}/plugins",
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": "4",
        "CORE__EXECUTION_API_SERVER_URL": f"{addresses.airflow_url}/execution/",
        "CORE__FERNET_KEY": secrets.airflow_fernet_key,
        "CORE__TEST_CONNECTION": "Disabled",
        "CORE__SENSITIVE_VAR_CONN_NAMES": "client_id,pem",
        "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{ADMIN}:admin,{VIEWER}:viewer",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": f"{folders.airflow_home}/passwords.json",
        "DATABASE__SQL_ALCHEMY_CONN": (
            f"postgresql+psycopg2://{AIRFLOW_DATABASE}:{secrets.postgres_airflow}"
            f"@{addresses.postgres_host}:{addresses.postgres_port}/{AIRFLOW_DATABASE}"
        ),
        "API__HOST": addresses.airflow_bind_host,
        "API__PORT": str(addresses.airflow_port),
        "API__BASE_URL": addresses.browser_url,
        "API__WORKERS": "1",
        "API__EXPOSE_CONFIG": "False",
        "API__EXPOSE_STACKTRACE": "False",
        "API__INSTANCE_NAME": "Airtide",
        "API__SECRET_KEY": secrets.airflow_api_secret_key,
        "API_AUTH__JWT_SECRET": secrets.airflow_jwt_secret,
        "DAG_PROCESSOR__REFRESH_INTERVAL": "30",
        "DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "LOGGING__BASE_LOG_FOLDER": f"{folders.airflow_home}/logs",
        # a secret in a URL is masked in its quoted form too
        "LOGGING__SECRET_MASK_ADAPTER": "urllib.parse.quote",
        "USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    return {
        "AIRFLOW_HOME": folders.airflow_home,
        **{f"AIRFLOW__{name}": value for name, value in airflow.items()},
        "AIRTIDE__MODE": mode,
        "PYTHONPATH": f"{folders.checkout}/include",
    }
