"""Every error of Airtide, grouped by what to do next.

AirtideError
├── TransientError            the same call may succeed: try again
│   ├── RateLimited           wait as long as the site says, then try again
│   └── PartUnreachable       a broker, database, store or site does not answer
├── PermanentError            trying again changes nothing: somebody has to act
│   ├── CredentialsRejected   mend the named connection
│   ├── QuotaSpent            stop this kind of call until it is filled again
│   ├── ContractChanged       a site no longer answers in the known shape
│   ├── TickRefused           the site's clock and the tick are too far apart
│   ├── MessagesLost          Kafka no longer holds what was to be landed next
│   ├── TopicReplaced         the topic is not the one the positions belong to
│   ├── OffsetAhead           the position lies beyond the end of the topic
│   ├── TooManyBadRecords     dead letters pass their limit: stop the line
│   ├── ObjectConflict        an object of that name holds other content
│   ├── ObjectMissing         there is no object of that name
│   ├── NotWhole              an audit found messages or samples that are missing or double
│   └── MisconfiguredError    a setting or connection is wrong or missing
├── BadRecord                 this one record becomes a dead letter, the rest goes on
└── Fenced                    another run has already done this work: nothing is left to do
"""

from __future__ import annotations

from datetime import datetime


class AirtideError(Exception):
    """Base of all errors that Airtide raises on purpose; its text says what, where and what to do."""

    request: str | None = None
    """Platform, method and address, without a query, of a call that was not made; the text begins with it."""
    page: int | None = None
    """The page of a sweep that was being read, where one was; the text ends with it."""

    def __str__(self) -> str:
        said = super().__str__() if self.request is None else f"{self.request}: {super().__str__()}"
        return said if self.page is None else f"{said} (page {self.page})"


class TransientError(AirtideError):
    """The same call may succeed when tried again."""


class RateLimited(TransientError):
    """A site asked to slow down; `retry_after_s` is the wait it told, in seconds, or None when it told none."""

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class PartUnreachable(TransientError):
    """A broker, database, store or site did not answer within its deadline."""


class PermanentError(AirtideError):
    """Trying again changes nothing; the text says who has to act."""


class CredentialsRejected(PermanentError):
    """A part or site refused the key; the text names the connection to mend."""


class QuotaSpent(PermanentError):
    """A quota bucket is empty until `resets_at` (UTC; None when the site does not say)."""

    def __init__(self, message: str, *, bucket: str, resets_at: datetime | None = None) -> None:
        super().__init__(message)
        self.bucket = bucket
        self.resets_at = resets_at


class ContractChanged(PermanentError):
    """A site answers in a shape that the client does not know."""


class TickRefused(PermanentError):
    """The tick lies more than one cadence away from the site's own clock."""


class MessagesLost(PermanentError):
    """Kafka has dropped messages that were not landed; only an explicit accept-loss goes on."""


class TopicReplaced(PermanentError):
    """The topic was made anew: its id is not the one the positions belong to."""


class OffsetAhead(PermanentError):
    """A position lies beyond the end of its topic partition: log cut short (accept-loss goes on) or wrong cluster."""


class TooManyBadRecords(PermanentError):
    """Dead letters pass their limit; the text names the first cause."""


class ObjectConflict(PermanentError):
    """An object holds other rows than those to be written, or than its ledger row says."""


class ObjectMissing(PermanentError):
    """The store has no object of that key."""


class NotWhole(PermanentError):
    """An audit found messages or samples that are missing, double or unaccounted for; the text names the first."""


class MisconfiguredError(PermanentError):
    """A setting, file or connection is wrong or missing; the text says which and how to mend it."""


class BadRecord(AirtideError):
    """One record cannot be used; it becomes a dead letter and the rest goes on."""


class Fenced(AirtideError):
    """Another run moved the positions first; this one rolled back and has nothing left to do."""
