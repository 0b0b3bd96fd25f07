"""The search for secrets reads every table of a database, in whatever type a secret may lie."""

from __future__ import annotations

import psycopg
from tests.canaries import Canaries, read_tables
from tests.services import Warehouse

from airtide.warehouse.connect import connect

SECRET = "canary 'of' tests"
CANARIES = Canaries.of_installation({"key": SECRET})


def plant(connection: psycopg.Connection, name: str, type_: str, value: object) -> None:
    connection.execute(f"CREATE TABLE {name} (planted {type_})")
    connection.execute(f"INSERT INTO {name} VALUES (%s::{type_})", [value])


def test_a_secret_is_found_in_text_json_bytes_and_lists_of_any_schema(warehouse: Warehouse) -> None:
    with connect(warehouse.superuser, None) as connection:
        assert CANARIES.search(read_tables(connection)) == {}
        connection.execute("CREATE SCHEMA elsewhere")
        plant(connection, "elsewhere.texts", "TEXT", f"sent {SECRET}")
        plant(connection, "elsewhere.documents", "JSONB", f'{{"extra": ["{SECRET}"]}}')
        plant(connection, "elsewhere.bytes", "BYTEA", SECRET.encode())
        plant(connection, "elsewhere.lists", "TEXT[]", [SECRET, "b"])
        plant(connection, "elsewhere.clean", "TEXT", "canary of tests")
        connection.execute("CREATE TABLE elsewhere.days (day INT, said TEXT) PARTITION BY LIST (day)")
        connection.execute("CREATE TABLE elsewhere.day_1 PARTITION OF elsewhere.days FOR VALUES IN (1)")
        connection.execute("INSERT INTO elsewhere.days VALUES (1, %s)", [SECRET])
        found = CANARIES.search(read_tables(connection))
    names = ("texts", "documents", "bytes", "lists", "days")
    assert found == {f"elsewhere.{name}": {"key"} for name in names}
