"""App tokens: fetched once for all processes of a machine, kept until shortly before they end, renewed when refused."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable
from typing import Annotated, TypeVar

import msgspec

from airtide.domain.clock import Clock
from airtide.domain.errors import CredentialsRejected
from airtide.domain.models import Platform
from airtide.domain.pages import Tally
from airtide.domain.quota import Bucket
from airtide.platforms.access import SiteAccess, name_connection, require_key
from airtide.platforms.http import SiteHttp
from airtide.platforms.quota import Quota
from airtide.platforms.refusals import KeyRefused, RequestRefused
from airtide.platforms.token_files import TokenFile, TokenRecord

EARLY_S = 300.0
"""Renewed so long before the end, or a tenth of its life before where that is less."""

UNTOLD_LIFE_S = 3600.0
"""Taken for a token whose life the site does not tell in numbers."""

REFUSAL_REST_S = 60.0
"""After a refusal no process asks again with the same key: many tasks may be waiting for one token."""

T = TypeVar("T")


class TokenAnswer(msgspec.Struct, frozen=True):
    """What a token server answers."""

    access_token: Annotated[str, msgspec.Meta(min_length=1)]
    expires_in: float | str | None = None
    """Seconds; Kick may write them as text."""


_TOKENS = msgspec.json.Decoder(TokenAnswer)


class AppToken:
    """The app token of one site's key; it never appears in a text. One thread uses it at a time."""

    def __init__(
        self,
        http: SiteHttp,
        quota: Quota,
        clock: Clock,
        access: SiteAccess,
        *,
        platform: Platform,
        path: str,
        bucket: Bucket,
        lock_wait_s: float | None = None,
    ) -> None:
        """Ask at `path` of the site's token server; raises `MisconfiguredError` for what the connection lacks.

        While another process asks it is waited for `lock_wait_s`, or as long as its call may take.
        """
        self._http = http
        self._quota = quota
        self._clock = clock
        self._platform = platform
        self._bucket = bucket
        self._lock_wait_s = http.longest_call_s if lock_wait_s is None else lock_wait_s
        self._url = f"{require_key(platform, 'token_url', access.token_url)}{path}"
        self._form = {
            "client_id": require_key(platform, "client id (login)", access.login),
            "client_secret": require_key(platform, "client secret (password)", access.password),
            "grant_type": "client_credentials",
        }
        self._fingerprint = _hash_key(self._url, access.login, access.password)
        self._file = TokenFile(platform, access.token_folder)
        self._held: TokenRecord | None = None
        self._refused = ""

    def call(self, tally: Tally, ask: Callable[[str], T]) -> T:
        """Return what `ask` answers with the token; a token that the site refuses (401) is renewed once.

        Raises `CredentialsRejected` when the key gets no token, or the new one is refused too.
        """
        token = self.read(tally)
        try:
            return ask(token)
        except KeyRefused as refusal:
            if refusal.status != 401:
                raise
        # tokens end whenever somebody revokes them; another process may have renewed it meanwhile
        self._refused, self._held = token, None
        return ask(self.read(tally))

    def read(self, tally: Tally) -> str:
        """Return a token that holds: ours, that of another process, or a new one."""
        if not self._is_good(self._held):
            self._held = self._find()
        if self._held is None:
            with self._file.hold(max(min(self._lock_wait_s, tally.cut_at - time.monotonic()), 0)):
                self._held = self._find() or self._request(tally)
        return self._held.token

    def _is_good(self, record: TokenRecord | None) -> bool:
        if record is None or not record.token or record.token == self._refused:
            return False
        return self._now_s() < record.renew_at

    def _find(self) -> TokenRecord | None:
        """Return what is on record for this key; raises `CredentialsRejected` when it was refused just now."""
        record = self._file.read()
        if record is None or record.fingerprint != self._fingerprint:
            return None
        if record.refusal and 0 <= self._now_s() - record.refused_at < REFUSAL_REST_S:
            raise CredentialsRejected(record.refusal)
        return record if self._is_good(record) else None

    def _request(self, tally: Tally) -> TokenRecord:
        book = self._quota.book(tally, self._bucket)
        try:
            answer = self._http.post_form(self._url, _TOKENS, book=book, form=self._form)
        except (KeyRefused, RequestRefused) as error:
            connection = name_connection(self._platform)
            refusal = (
                f"{self._platform} gives no app token: "
                f"mend the client id and secret of connection {connection} ({error})"
            )
            refused_at = self._now_s()
            self._file.write(TokenRecord(fingerprint=self._fingerprint, refused_at=refused_at, refusal=refusal))
            raise CredentialsRejected(refusal) from None
        life_s = _read_life(answer.value.expires_in)
        renew_at = self._now_s() + life_s - min(EARLY_S, life_s / 10)
        record = TokenRecord(fingerprint=self._fingerprint, token=answer.value.access_token, renew_at=renew_at)
        self._file.write(record)
        # a server may give the refused one once more: what it has just given counts as new
        self._refused = ""
        return record

    def _now_s(self) -> float:
        return self._clock.now().timestamp()


def _read_life(told: float | str | None) -> float:
    """Return the seconds that a token lives, however the site writes them."""
    try:
        life_s = float(told or 0)
    except ValueError:
        return UNTOLD_LIFE_S
    return life_s if math.isfinite(life_s) and life_s > 0 else UNTOLD_LIFE_S


def _hash_key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
