"""The parts as the fixtures start them: what other tests rely on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import requests
from botocore.exceptions import ClientError
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, NewTopic
from mypy_boto3_s3 import S3Client
from tests.services import SimulatedSites, Warehouse, running_postgres

from airtide.domain.errors import CredentialsRejected
from airtide.local.home import Home
from airtide.local.parts.lake import LakePart
from airtide.warehouse.connect import PostgresAddress, Role, connect


def test_postgres_refuses_a_wrong_password(postgres: PostgresAddress) -> None:
    with pytest.raises(CredentialsRejected):
        connect(replace(postgres, password="wrong"), None)


@pytest.mark.integration
def test_postgres_keeps_checksums_waits_for_the_disk_and_is_in_utc(tmp_path: Path) -> None:
    # one of its own: that of the other tests waits for no disk
    with running_postgres(Home(tmp_path.resolve())) as superuser, connect(superuser, None) as connection:
        shown = [connection.execute(f"SHOW {name}").fetchone()[0] for name in ("data_checksums", "fsync", "timezone")]
    assert shown == ["on", "on", "UTC"]


@pytest.mark.parametrize("attempt", ["first", "second"])
def test_every_test_has_a_warehouse_of_its_own(warehouse: Warehouse, attempt: str) -> None:
    with connect(warehouse.address, Role.INGEST) as connection:
        connection.execute("INSERT INTO trends.dirty_hour (platform, hour, with_state) VALUES ('twitch', now(), TRUE)")
        row = connection.execute("SELECT count(*) FROM trends.dirty_hour").fetchone()
    assert row == (1,)


def test_kafka_makes_topics_only_when_asked(kafka: dict[str, str]) -> None:
    client = AdminClient(kafka)
    client.create_topics([NewTopic("asked.for", num_partitions=2)])["asked.for"].result(timeout=10)
    assert len(client.list_topics("asked.for", timeout=10).topics["asked.for"].partitions) == 2
    assert client.list_topics("never.asked.for", timeout=10).topics["never.asked.for"].error is not None
    with pytest.raises(KafkaException):
        client.create_topics([NewTopic("asked.for", num_partitions=2)])["asked.for"].result(timeout=10)


def test_the_lake_keeps_what_was_written_first(s3: S3Client, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"first", IfNoneMatch="*")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(Bucket=bucket, Key="a", Body=b"second", IfNoneMatch="*")
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"first"


def test_the_lake_check_writes_and_removes_once_the_bucket_is_there(lake_server: LakePart, s3: S3Client) -> None:
    assert "not made yet" in lake_server.check()
    s3.create_bucket(Bucket="airtide")
    assert "writes, reads and removes" in lake_server.check()
    assert s3.list_objects_v2(Bucket="airtide")["KeyCount"] == 0


def test_the_simulated_sites_ask_for_a_key(simulators: SimulatedSites) -> None:
    headers = {"Client-Id": simulators.soop_client_id}
    assert requests.get(f"{simulators.base_url}/twitch/helix/streams", headers=headers, timeout=10).status_code == 401
