"""Airflow's connections as records, for tasks, triggers and plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airtide.domain.errors import MisconfiguredError
from airtide.wiring.connections import KAFKA, LAKE, POSTGRES, ConnectionRecord, Connections

if TYPE_CHECKING:
    from airflow.sdk import Connection


def _to_record(connection: Connection, extra: dict[str, Any]) -> ConnectionRecord:
    return ConnectionRecord(
        conn_id=connection.conn_id,
        conn_type=connection.conn_type or "",
        host=connection.host or "",
        port=connection.port,
        login=connection.login or "",
        password=connection.password or "",
        schema=connection.schema or "",
        extra=extra,
    )


def read_airflow(conn_id: str) -> ConnectionRecord:
    """Read one connection inside a running task; raises `MisconfiguredError` when it is not defined."""
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        connection = Connection.get(conn_id)
    except AirflowNotFoundException:
        raise MisconfiguredError(
            f"connection {conn_id} is not defined in Airflow: add it, or start with `airtide up`"
        ) from None
    return _to_record(connection, connection.extra_dejson)


async def read_airflow_records(*conn_ids: str) -> dict[str, ConnectionRecord]:
    """Read connections inside a trigger, where a blocking read would hang the event loop."""
    from airflow.sdk import Connection

    records = {}
    for conn_id in conn_ids:
        connection = await Connection.async_get(conn_id)
        records[conn_id] = _to_record(connection, await connection.aextra_dejson())
    return records


class AirflowConnections(Connections):
    """Connections of Airflow; the lake goes through the Amazon provider, which knows roles and profiles too."""

    def __init__(self) -> None:
        super().__init__(read_airflow)

    def lake_client(self, *, is_for_page: bool = False) -> Any:
        """Return the S3 client that the Amazon provider builds from the connection, as patient as any other."""
        from airflow.providers.amazon.aws.hooks.s3 import S3Hook

        return S3Hook(aws_conn_id=LAKE, config=self.lake_config(is_for_page=is_for_page)).get_conn()


async def read_backlog_connections() -> Connections:
    """Return what a backlog is looked up with: the broker's and the warehouse's connection, read without blocking."""
    records = await read_airflow_records(KAFKA, POSTGRES)
    return Connections(records.__getitem__)
