"""Kafka in KRaft mode: one broker that is its own controller, on two loopback ports."""

from __future__ import annotations

import base64
import subprocess
import uuid
from pathlib import Path

from airtide.domain.errors import MisconfiguredError, PartUnreachable
from airtide.local.home import Home
from airtide.local.java import JavaRuntime
from airtide.local.parts import LOOPBACK
from airtide.local.program import Program, plain_environment, write_private

JVM_OPTIONS = (
    *("-Xms64m", "-Xmx256m", "-XX:MaxDirectMemorySize=128m", "-Xss512k"),
    *("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError"),
    "-Dlog4j2.level=WARN",
)
BROKER_SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "PLAINTEXT",
    "controller.listener.names": "CONTROLLER",
    "auto.create.topics.enable": "false",
    "default.replication.factor": "1",
    "min.insync.replicas": "1",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "8",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "log.cleaner.dedupe.buffer.size": "8388608",
    "log.segment.bytes": "67108864",
    "message.max.bytes": "2097152",
    # a broker that was killed waits for its own old registration to end: 5 s with these two, 12 s without
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
}


class KafkaPart:
    """One Kafka broker; topics are made explicitly, never by the first message."""

    name = "kafka"

    def __init__(self, *, home: Home, java: JavaRuntime, port: int, controller_port: int) -> None:
        self._folder = home.root / "kafka"
        self._java = java
        self.port = port
        self.controller_port = controller_port

    @property
    def ports(self) -> tuple[int, ...]:
        """Return the broker's and the controller's port."""
        return (self.port, self.controller_port)

    @property
    def bootstrap_servers(self) -> str:
        """Return the address that clients start from."""
        return f"{LOOPBACK}:{self.port}"

    def prepare(self) -> None:
        """Write the broker's settings and format its storage when that is new."""
        write_private(self._settings_file, self.render_settings())
        if (self._data / "meta.properties").exists():
            return
        command = self._java.command(
            service="kafka", options=("-XX:TieredStopAtLevel=1", "-Dlog4j2.level=WARN"), main="kafka.tools.StorageTool"
        )
        formatted = subprocess.run(  # noqa: S603 - the arguments are ours
            [*command, "format", "-t", new_cluster_id(), "-c", str(self._settings_file), "--ignore-formatted"],
            env=plain_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if formatted.returncode != 0:
            raise MisconfiguredError(f"Kafka could not format {self._data}: {formatted.stderr.strip()}")

    def program(self) -> Program:
        """Return how the broker is run."""
        command = self._java.command(service="kafka", options=JVM_OPTIONS, main="kafka.Kafka")
        return Program(
            name=self.name,
            command=(*command, str(self._settings_file)),
            environment=plain_environment(),
            folder=str(self._folder),
            stop_wait_s=20,
        )

    def check(self) -> str:
        """Ask the broker for its topics."""
        from confluent_kafka import KafkaException
        from confluent_kafka.admin import AdminClient

        client = AdminClient({"bootstrap.servers": self.bootstrap_servers, "log_level": 0})
        try:
            topics = client.list_topics(timeout=3).topics
        except KafkaException as error:
            raise PartUnreachable(
                f"Kafka does not answer on {self.bootstrap_servers}: {error.args[0].str()}"
            ) from error
        return f"Kafka answers and holds {sum(not name.startswith('__') for name in topics)} topics"

    def render_settings(self) -> str:
        """Return server.properties."""
        placed = {
            "controller.quorum.voters": f"1@{LOOPBACK}:{self.controller_port}",
            "listeners": f"PLAINTEXT://{self.bootstrap_servers},CONTROLLER://{LOOPBACK}:{self.controller_port}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap_servers}",
            "log.dirs": str(self._data),
        }
        return "".join(f"{name}={value}\n" for name, value in {**BROKER_SETTINGS, **placed}.items())

    @property
    def _settings_file(self) -> Path:
        return self._folder / "server.properties"

    @property
    def _data(self) -> Path:
        return self._folder / "data"


def new_cluster_id() -> str:
    """Return a random cluster id in Kafka's form; it must not look like an option of the command line."""
    while (identity := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        continue
    return identity
