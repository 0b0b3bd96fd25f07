"""Other ways to land such messages, into a wide table keyed by (platform, broadcast_id, sampled_at); no Parquet."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any
from urllib.parse import quote

import psycopg
import psycopg2
from confluent_kafka import Consumer, TopicPartition
from psycopg2.extras import execute_values
from tests.benchmarks.land.lander import Run
from tests.benchmarks.land.parts import Parts, Server, list_wide_columns

from airtide.warehouse.connect import PostgresAddress

COLUMNS = list_wide_columns()
KEY = ("platform", "broadcast_id", "sampled_at")

Row = tuple[Any, ...]
Land = Callable[[Parts, Consumer, int], None]
"""Lands so many messages of an assigned consumer."""

_LIST = ", ".join(COLUMNS)
_AT_ONCE = 1000
_TRANSACTION_ROWS = 20_000
_WAIT_S = 30.0


def run_baseline(parts: Parts, server: Server, land: Land, starts: dict[tuple[str, int], int], messages: int) -> Run:
    """Land `messages` from `starts` on in one way; raises `ValueError` when not all of them became rows."""
    before = _count(server)
    cpu_before, wal_before, begun_at = server.read_cpu_s(), server.read_wal_bytes(), time.perf_counter()
    config = {**parts.kafka, "group.id": f"bench.{land.__name__}", "auto.offset.reset": "error"}
    consumer = Consumer(config)
    consumer.assign([TopicPartition(topic, number, offset) for (topic, number), offset in starts.items()])
    with closing(consumer):
        land(parts, consumer, messages)
    wall_s = time.perf_counter() - begun_at
    run = Run(
        messages=messages,
        new_rows=_count(server) - before,
        wall_s=wall_s,
        cpu_s=server.read_cpu_s() - cpu_before,
        wal_bytes=server.read_wal_bytes() - wal_before,
    )
    if run.new_rows != messages:
        raise ValueError(f"{land.__name__}: {messages} messages became {run.new_rows} rows")
    return run


def land_tutorial(parts: Parts, consumer: Consumer, messages: int) -> None:
    """Poll, parse, insert and commit message by message, in PostgreSQL and in Kafka."""
    places = ", ".join(["%s"] * len(COLUMNS))
    with closing(_connect2(parts.superuser)) as connection, connection.cursor() as cursor:
        for _ in range(messages):
            message = consumer.poll(_WAIT_S)
            row = _parse(message.value())
            cursor.execute(f"INSERT INTO bench.wide ({_LIST}) VALUES ({places}) ON CONFLICT DO NOTHING", row)
            connection.commit()
            consumer.commit(message=message, asynchronous=False)


def land_values(parts: Parts, consumer: Consumer, messages: int) -> None:
    """Insert a thousand rows a statement with psycopg2's execute_values."""
    with closing(_connect2(parts.superuser)) as connection, connection.cursor() as cursor:
        for rows in _read_rows(consumer, messages, _AT_ONCE):
            statement = f"INSERT INTO bench.wide ({_LIST}) VALUES %s ON CONFLICT DO NOTHING"
            execute_values(cursor, statement, rows, page_size=_AT_ONCE)
            connection.commit()


def land_temporary_table(parts: Parts, consumer: Consumer, messages: int) -> None:
    """Copy a tick's rows into a temporary table and insert from there what is new."""
    with _connect(parts.superuser) as connection:
        connection.execute("CREATE TEMPORARY TABLE told (LIKE bench.wide) ON COMMIT DELETE ROWS")
        connection.commit()
        for rows in _read_rows(consumer, messages, _TRANSACTION_ROWS):
            with connection.cursor().copy(f"COPY told ({_LIST}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            connection.execute(f"INSERT INTO bench.wide SELECT {_LIST} FROM told ON CONFLICT DO NOTHING")
            connection.commit()


def land_hook(parts: Parts, consumer: Consumer, messages: int) -> None:
    """Hand the rows to Airflow's hook, a thousand a commit."""
    # Airflow writes its configuration into its home when it is imported: never into the developer's own
    os.environ["AIRFLOW_HOME"] = str(parts.folder / "airflow")
    from airflow.providers.postgres.hooks.postgres import PostgresHook

    logging.disable(logging.INFO)  # with Airflow comes its way of showing what everybody logs
    os.environ["AIRFLOW_CONN_BENCH"] = _write_uri(parts.superuser)
    hook = PostgresHook(postgres_conn_id="bench")
    for rows in _read_rows(consumer, messages, _TRANSACTION_ROWS):
        hook.insert_rows(
            "bench.wide", rows, target_fields=COLUMNS, commit_every=1000, replace=True, replace_index=list(KEY)
        )


def copy_to_heap(server: Server, parts: Parts, chunks: Sequence[bytes], rows: int) -> Run:
    """Copy pre-encoded text into a table without a key: the least that writing these rows can cost."""
    with _connect(parts.superuser) as connection:
        connection.execute("TRUNCATE bench.heap")
        connection.commit()
        cpu_before, wal_before, begun_at = server.read_cpu_s(), server.read_wal_bytes(), time.perf_counter()
        for chunk in chunks:
            with connection.cursor().copy(f"COPY bench.heap ({_LIST}) FROM STDIN") as copy:
                copy.write(chunk)
            connection.commit()
        wall_s = time.perf_counter() - begun_at
    return Run(
        messages=rows,
        new_rows=rows,
        wall_s=wall_s,
        cpu_s=server.read_cpu_s() - cpu_before,
        wal_bytes=server.read_wal_bytes() - wal_before,
    )


def encode_text(values: Sequence[bytes]) -> bytes:
    """Return messages as one text of COPY."""
    return b"".join(b"\t".join(map(_escape, _parse(value))) + b"\n" for value in values)


def _escape(value: object) -> bytes:
    if value is None:
        return b"\\N"
    return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").encode()


def _parse(value: bytes) -> Row:
    told = json.loads(value)
    told["tags"] = ",".join(told.get("tags", ()))
    return tuple(told.get(name) for name in COLUMNS)


def _read_rows(consumer: Consumer, messages: int, at_once: int) -> Iterator[list[Row]]:
    left = messages
    rows: list[Row] = []
    while left:
        found = consumer.consume(min(_AT_ONCE, left), _WAIT_S)
        rows += [_parse(message.value()) for message in found]
        left -= len(found)
        if len(rows) >= at_once or not left:
            yield rows
            rows = []


def _count(server: Server) -> int:
    return server.read_number("SELECT COUNT(*) FROM bench.wide WHERE sampled_at >= '2026-01-10 08:20Z'")


def _connect(address: PostgresAddress) -> psycopg.Connection:
    return psycopg.connect(
        host=address.host, port=address.port, dbname=address.dbname, user=address.user, password=address.password
    )


def _connect2(address: PostgresAddress) -> Any:
    return psycopg2.connect(
        host=address.host, port=address.port, dbname=address.dbname, user=address.user, password=address.password
    )


def _write_uri(address: PostgresAddress) -> str:
    login = f"{quote(address.user)}:{quote(address.password)}"
    return f"postgres://{login}@{address.host}:{address.port}/{address.dbname}"
