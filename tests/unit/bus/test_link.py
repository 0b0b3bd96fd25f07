from __future__ import annotations

import pytest
from confluent_kafka import KafkaError

from airtide.bus.link import BrokerLink, Deadline
from airtide.domain.errors import CredentialsRejected, MisconfiguredError, PartUnreachable

CANARY = "canary-91b7"


@pytest.fixture
def link():
    with BrokerLink({"bootstrap.servers": "broker:9092", "sasl.password": CANARY}, deadline_s=30) as made:
        yield made


@pytest.mark.parametrize(
    ("code", "kind", "advice"),
    [
        (KafkaError._TIMED_OUT, PartUnreachable, "airtide doctor"),
        (KafkaError._TRANSPORT, PartUnreachable, "airtide doctor"),
        (KafkaError.NOT_ENOUGH_REPLICAS, PartUnreachable, "airtide doctor"),
        (KafkaError._AUTHENTICATION, CredentialsRejected, "mend the connection airtide_kafka"),
        (KafkaError.SASL_AUTHENTICATION_FAILED, CredentialsRejected, "mend the connection airtide_kafka"),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, CredentialsRejected, "grant it the right"),
        (KafkaError.UNKNOWN_TOPIC_OR_PART, MisconfiguredError, "`airtide up` makes it"),
        (KafkaError._UNKNOWN_TOPIC, MisconfiguredError, "`airtide up` makes it"),
    ],
)
def test_an_error_says_what_where_and_what_to_do(link, code, kind, advice):
    explained = link.explain(KafkaError(code), "describe the topic t")
    assert type(explained) is kind
    assert "broker:9092" in str(explained)
    assert advice in str(explained)
    assert CANARY not in str(explained)


def test_silence_names_the_deadline_and_what_was_asked(link):
    assert "did not hand out offsets 3 to 9 within 30 s" in str(link.explain_silence("hand out offsets 3 to 9"))


@pytest.mark.parametrize("config", [{}, {"bootstrap.servers": ""}])
def test_a_connection_without_servers_is_refused(config):
    with pytest.raises(MisconfiguredError, match=r"bootstrap\.servers"):
        BrokerLink(config, deadline_s=1)


def test_a_connection_that_the_client_refuses_is_told_without_its_secret():
    config = {"bootstrap.servers": "broker:9092", "security.protocol": "magic", "sasl.password": CANARY}
    with pytest.raises(MisconfiguredError, match=r"security\.protocol") as refused:
        BrokerLink(config, deadline_s=1).build_producer({})
    assert CANARY not in str(refused.value)


def test_how_messages_are_read_and_written_is_not_the_connections_to_say():
    reckless = {"bootstrap.servers": "broker:9092", "acks": "0", "auto.offset.reset": "latest", "no.such.key": "1"}
    link = BrokerLink(reckless, deadline_s=1)
    link.build_producer({"enable.idempotence": True}).close()  # would be refused with acks=0


def test_a_deadline_leaves_a_timeout_that_clients_accept():
    assert Deadline(0).has_passed
    assert Deadline(0).left_s() > 0
    assert not Deadline(60).has_passed
    assert 59 < Deadline(60).left_s() <= 60
