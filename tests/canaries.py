"""Searching an installation for its own secrets: in files, tables, messages and Parquet objects."""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
import pyarrow.parquet as pq
from confluent_kafka import Consumer, KafkaError, TopicPartition
from confluent_kafka.admin import AdminClient

from airtide.simulators.tokens import TokenOffice

_TOKEN = re.compile(rb"(?=([0-9a-f]{30}))")
_PARQUET = b"PAR1"
_PATIENCE_S = 30.0
_LOOK_EVERY_S = 0.5

Found = dict[str, set[str]]
"""Names of secrets by where they were found."""


@dataclass(frozen=True)
class Canaries:
    """Secrets by their names, and the simulated token servers, whose every token is a secret too."""

    secrets: Mapping[str, str]
    offices: Mapping[str, TokenOffice]

    @classmethod
    def of_installation(cls, secrets: Mapping[str, str]) -> Canaries:
        """Return all of an installation: what its file of secrets holds, and the tokens given for keys in it."""
        offices = {
            name.removesuffix("_client_secret"): TokenOffice(secrets[f"{name.removesuffix('_secret')}_id"], secret)
            for name, secret in secrets.items()
            if name.endswith("_client_secret")
        }
        return cls(secrets, offices)

    def find(self, content: str | bytes) -> set[str]:
        """Return the names of the secrets in `content`: as they are, or as they stand in a URL or in JSON."""
        text = content.encode(errors="replace") if isinstance(content, str) else content
        found = {name for name, secret in self.secrets.items() if any(form in text for form in _forms(secret))}
        for candidate in {match[1].decode() for match in _TOKEN.finditer(text)}:
            found |= {f"{name}_token" for name, office in self.offices.items() if office.read_expiry(candidate)}
        return found

    def search(self, contents: Iterator[tuple[str, str | bytes]]) -> Found:
        """Return what is found in contents that are told with where they stand."""
        found: Found = {}
        for where, content in contents:
            if names := self.find(content):
                found.setdefault(where, set()).update(names)
        return found


def _forms(secret: str) -> set[bytes]:
    return {form.encode() for form in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1])}


def read_files(root: Path, *, without: Collection[str] = ()) -> Iterator[tuple[str, bytes]]:
    """Yield every file under `root` by its path from there, Parquet as text; folders `without` are left out."""
    for file in sorted(root.rglob("*")):
        path = file.relative_to(root)
        if file.is_symlink() or not file.is_file() or any(path.is_relative_to(folder) for folder in without):
            continue
        try:
            content = file.read_bytes()
        except FileNotFoundError:  # what runs has removed it meanwhile
            continue
        yield str(path), unpack(content)


def unpack(content: bytes) -> bytes:
    """Return what a Parquet file says, its compressed columns readable; any other content as it is."""
    if not content.startswith(_PARQUET):
        return content
    table = pq.read_table(io.BytesIO(content))
    rows = "\n".join(map(str, table.to_pylist()))
    return f"{table.schema.to_string(truncate_metadata=False)}\n{rows}".encode(errors="replace")


def read_tables(connection: psycopg.Connection) -> Iterator[tuple[str, str]]:
    """Yield every row of every table of a database as text by the table's name, binary values readable."""
    connection.execute("SET bytea_output = 'escape'")
    names = connection.execute(
        "SELECT oid::REGCLASS::TEXT FROM pg_class"
        " WHERE relkind IN ('r', 'p', 'm') AND NOT relispartition"
        " AND relnamespace::REGNAMESPACE::TEXT NOT IN ('pg_catalog', 'information_schema')"
    ).fetchall()
    for (name,) in names:
        for (row,) in connection.execute(f"SELECT t::TEXT FROM {name} AS t"):
            yield name, row


def read_messages(servers: str) -> Iterator[tuple[str, bytes]]:
    """Yield key, value and headers of every message that a broker holds, its own topics' too, by the topic's name.

    Raises `TimeoutError` when a partition does not end.
    """
    with AdminClient({"bootstrap.servers": servers}) as admin:
        topics = admin.list_topics(timeout=_PATIENCE_S).topics
    partitions = [TopicPartition(name, number, 0) for name, topic in topics.items() for number in topic.partitions]
    settings = {
        "bootstrap.servers": servers,
        "group.id": "canaries",
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "isolation.level": "read_uncommitted",
    }
    consumer = Consumer(settings)
    try:
        consumer.assign(partitions)
        ended: set[tuple[str, int]] = set()
        deadline = time.monotonic() + _PATIENCE_S
        while len(ended) < len(partitions):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(partitions) - len(ended)} of {len(partitions)} partitions did not end")
            for message in consumer.consume(1000, _LOOK_EVERY_S):
                error = message.error()
                if error is None:
                    yield message.topic(), join_message(message.key(), message.value(), message.headers())
                elif error.code() == KafkaError._PARTITION_EOF:
                    ended.add((message.topic(), message.partition()))
                else:
                    raise OSError(f"{message.topic()}: {error}")
    finally:
        consumer.close()


def join_message(key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, bytes | None]] | None) -> bytes:
    """Return all that a message holds."""
    parts = [key, value]
    for name, content in headers or ():
        parts += [name.encode(), content]
    return b"\n".join(part for part in parts if part is not None)
