"""Makes the topics and keeps their settings as they are to be; called whenever the platform starts."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource, NewTopic, ResourceType

from airtide.bus.link import BrokerLink, Deadline
from airtide.bus.offsets import TopicLayout, read_layouts
from airtide.bus.topics import TopicSpec
from airtide.domain.errors import AirtideError, MisconfiguredError

log = logging.getLogger(__name__)

_NEWS_SPREADS_S = 0.1


def ensure_topics(config: Mapping[str, str], topics: Sequence[TopicSpec], *, deadline_s: float) -> list[str]:
    """Make the topics that are missing, bring the settings of the others up to date; return the names newly made.

    When it returns the broker answers for all of them; doing it twice is harmless. Raises `MisconfiguredError` when a
    topic exists with another partition count or cannot be made as asked, `PartUnreachable` when the broker does not
    answer within `deadline_s`.
    """
    with BrokerLink(config, deadline_s=deadline_s) as link:
        deadline = link.start_deadline()
        made = _create_missing(link, topics, deadline)
        _check_partitions(topics, _read_layouts_once_known(link, topics, deadline))
        existing = [topic for topic in topics if topic.name not in made]
        if existing:
            _update_config(link, existing, deadline)
    return made


def _create_missing(link: BrokerLink, topics: Sequence[TopicSpec], deadline: Deadline) -> list[str]:
    wanted = [
        NewTopic(t.name, num_partitions=t.partitions, replication_factor=t.replication_factor, config=t.config())
        for t in topics
    ]
    left_s = deadline.left_s()
    made = []
    for name, future in link.admin.create_topics(wanted, operation_timeout=left_s, request_timeout=left_s).items():
        try:
            link.ask(future, deadline)
        except KafkaException as failure:
            if failure.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise _explain_refusal(link, name, failure.args[0]) from failure
        else:
            log.info("made topic %s", name)
            made.append(name)
    return made


def _explain_refusal(link: BrokerLink, topic: str, error: KafkaError) -> AirtideError:
    if error.code() in (KafkaError.INVALID_REPLICATION_FACTOR, KafkaError.INVALID_CONFIG, KafkaError.POLICY_VIOLATION):
        return MisconfiguredError(
            f"Kafka at {link.servers} refused to make {topic}: {error.str()}; mend kafka.… in the settings"
        )
    return link.explain(error, f"make the topic {topic}")


def _read_layouts_once_known(link: BrokerLink, topics: Sequence[TopicSpec], deadline: Deadline) -> list[TopicLayout]:
    """Return the topics' layouts; the broker that is asked may hear a moment later what the controller has made."""
    while True:
        try:
            return read_layouts(link, [topic.name for topic in topics], deadline)
        except MisconfiguredError:
            if deadline.has_passed:
                raise
        time.sleep(_NEWS_SPREADS_S)


def _check_partitions(topics: Sequence[TopicSpec], layouts: Sequence[TopicLayout]) -> None:
    for topic, layout in zip(topics, layouts, strict=True):
        if len(layout.topic_partitions) != topic.partitions:
            raise MisconfiguredError(
                f"the topic {topic.name} has {len(layout.topic_partitions)} partitions, the settings say "
                f"{topic.partitions}: the count is fixed for a topic version, set it back"
            )


def _update_config(link: BrokerLink, topics: Sequence[TopicSpec], deadline: Deadline) -> None:
    wanted = [
        ConfigResource(
            ResourceType.TOPIC,
            topic.name,
            incremental_configs=[
                ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
                for name, value in topic.config().items()
            ],
        )
        for topic in topics
    ]
    for resource, future in link.admin.incremental_alter_configs(wanted, request_timeout=deadline.left_s()).items():
        link.wait(future, f"change the settings of the topic {resource.name}", deadline)
