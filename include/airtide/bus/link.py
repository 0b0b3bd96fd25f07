"""One way to reach a broker: the clients, their deadline, and what their errors mean.

librdkafka retries for ever and in silence: an unreachable broker looks like an empty topic, a refused login like a
slow network. So every call runs against a deadline, and what only the error callback is told is kept for the message.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any, TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from airtide.domain.errors import AirtideError, CredentialsRejected, MisconfiguredError, PartUnreachable

_T = TypeVar("_T")
_ClientT = TypeVar("_ClientT", AdminClient, Consumer, Producer)

_REACHING = (
    "bootstrap.servers",
    "broker.",
    "client.",
    "enable.ssl.",
    "metadata.",
    "reconnect.",
    "sasl.",
    "security.",
    "socket.",
    "ssl.",
)
"""What a connection may say: how to reach the broker and log in. How messages are written and read is decided here."""

_LOGIN_REFUSED = (KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED)
_RIGHT_REFUSED = (
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
)
_TOPIC_UNKNOWN = (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC, KafkaError._UNKNOWN_PARTITION)
_ONLY_SYMPTOMS = (KafkaError._TIMED_OUT, KafkaError._MSG_TIMED_OUT, KafkaError._ALL_BROKERS_DOWN)


class Deadline:
    """The time left to one call."""

    def __init__(self, seconds: float) -> None:
        self._ends_at = time.monotonic() + seconds

    @property
    def has_passed(self) -> bool:
        """True when no time is left."""
        return time.monotonic() >= self._ends_at

    def left_s(self) -> float:
        """Return the seconds left, never below what a client takes for a timeout."""
        return max(0.05, self._ends_at - time.monotonic())


class _ErrorNotes:
    """What the clients' error callback was told since the call began."""

    def __init__(self) -> None:
        self.login: KafkaError | None = None
        self.last: KafkaError | None = None

    def forget(self) -> None:
        self.login = self.last = None

    def take(self, error: KafkaError) -> None:
        if error.code() in _LOGIN_REFUSED:
            self.login = error
        if error.code() not in _ONLY_SYMPTOMS:
            self.last = error


class BrokerLink:
    """Builds clients for one connection and turns their errors into the tree of `domain.errors`."""

    def __init__(self, config: Mapping[str, str], *, deadline_s: float) -> None:
        if not config.get("bootstrap.servers"):
            raise MisconfiguredError("the connection airtide_kafka names no bootstrap.servers in its extra")
        self.servers = config["bootstrap.servers"]
        self.deadline_s = deadline_s
        self._config = {key: value for key, value in config.items() if key.startswith(_REACHING)}
        self._notes = _ErrorNotes()
        self._admin: AdminClient | None = None

    def __enter__(self) -> BrokerLink:
        return self

    def __exit__(self, *_failure: object) -> None:
        self.close()

    def close(self) -> None:
        """Disconnect; a later question connects again."""
        if self._admin is not None:
            self._admin.__exit__(None, None, None)  # the only way to disconnect now and not when it is collected
            self._admin = None

    def start_deadline(self) -> Deadline:
        """Begin one call: its deadline runs from now, and earlier errors no longer speak for it."""
        self._notes.forget()
        return Deadline(self.deadline_s)

    @property
    def admin(self) -> AdminClient:
        """The client for questions about topics and offsets."""
        if self._admin is None:
            self._admin = self._build(AdminClient, {})
        return self._admin

    def build_consumer(self, own: Mapping[str, Any]) -> Consumer:
        """Return a new consumer with settings of its own."""
        return self._build(Consumer, own)

    def build_producer(self, own: Mapping[str, Any]) -> Producer:
        """Return a new producer with settings of its own."""
        return self._build(Producer, own)

    def ask(self, future: Future[_T], deadline: Deadline) -> _T:
        """Return the result of an admin request; any failure, also no answer in time, is a KafkaException."""
        try:
            return future.result(timeout=deadline.left_s() + 1)
        except TimeoutError as failure:
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT)) from failure
        finally:
            self.admin.poll(0)

    def wait(self, future: Future[_T], doing: str, deadline: Deadline) -> _T:
        """Return the result of an admin request; a failure is explained, `doing` says what the broker was to do."""
        try:
            return self.ask(future, deadline)
        except KafkaException as failure:
            raise self.explain(failure.args[0], doing) from failure

    def explain(self, error: KafkaError, doing: str) -> AirtideError:
        """Return what an error of a client means: where, what the broker did not do, why, and how to mend it."""
        where = f"Kafka at {self.servers}"
        if self._notes.login or error.code() in _LOGIN_REFUSED:
            told = (self._notes.login or error).str()
            return CredentialsRejected(f"{where} refused the login: {told}; mend the connection airtide_kafka")
        if error.code() in _RIGHT_REFUSED:
            return CredentialsRejected(f"{where} may not {doing} for this login: {error.str()}; grant it the right")
        if error.code() in _TOPIC_UNKNOWN:
            return MisconfiguredError(f"{where} could not {doing}: there is no such topic; `airtide up` makes it")
        cause = self._notes.last if self._notes.last and error.code() in _ONLY_SYMPTOMS else error
        return PartUnreachable(
            f"{where} did not {doing} within {self.deadline_s:g} s: {cause.str()}; "
            "see whether the broker is up (`airtide doctor`) and what the connection airtide_kafka names"
        )

    def explain_silence(self, doing: str) -> AirtideError:
        """Return what it means that a deadline passed without an answer."""
        return self.explain(KafkaError(KafkaError._TIMED_OUT), doing)

    def _build(self, client: type[_ClientT], own: Mapping[str, Any]) -> _ClientT:
        # its own log lines repeat with every reconnect; what matters of them comes through error_cb
        config: dict[str, Any] = {
            "client.id": "airtide",
            **self._config,
            **own,
            "log_level": 2,
            "error_cb": self._notes.take,
        }
        try:
            return client(config)
        except KafkaException as refused:
            raise MisconfiguredError(
                f"the connection airtide_kafka was refused by the client: {refused.args[0].str()}"
            ) from refused
