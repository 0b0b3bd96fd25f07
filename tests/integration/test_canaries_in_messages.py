"""The search for secrets reads every message of every topic of a real broker."""

from __future__ import annotations

from uuid import uuid4

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic
from tests.canaries import Canaries, read_messages

pytestmark = pytest.mark.integration

SECRET = "canary-of-messages"


def test_a_secret_is_found_in_the_one_message_of_many_that_holds_it(kafka: dict[str, str]) -> None:
    servers = kafka["bootstrap.servers"]
    clean, planted = (f"canaries.{kind}.{uuid4().hex[:8]}" for kind in ("clean", "planted"))
    with AdminClient({"bootstrap.servers": servers}) as admin:
        for made in admin.create_topics([NewTopic(name, 3, 1) for name in (clean, planted)]).values():
            made.result()
    with Producer({"bootstrap.servers": servers, "compression.type": "zstd"}) as producer:
        for number in range(500):
            producer.produce(clean, f"{number}".encode(), f"{number}")
            headers = [("reject", f"{SECRET} refused".encode())] if number == 250 else None
            producer.produce(planted, f"{number}".encode(), f"{number}", headers=headers)
        producer.flush(30)
    assert sum(topic == clean for topic, _ in read_messages(servers)) == 500
    found = Canaries.of_installation({"key": SECRET}).search(read_messages(servers))
    assert {name: names for name, names in found.items() if name in (clean, planted)} == {planted: {"key"}}
