"""Twitch's app token: asked for when first needed, and again when the site refuses the old one."""

from __future__ import annotations

import msgspec

from airtide.domain.errors import CredentialsRejected
from airtide.domain.models import Platform
from airtide.domain.pages import Tally
from airtide.platforms.access import name_connection
from airtide.platforms.http import SiteHttp
from airtide.platforms.quota import Bucket, Quota
from airtide.platforms.refusals import KeyRefused, RequestRefused


class TokenAnswer(msgspec.Struct, frozen=True):
    """What the token server answers."""

    access_token: str


_TOKENS = msgspec.json.Decoder(TokenAnswer)


class AppToken:
    """One token, kept as long as this object; it never appears in a text."""

    def __init__(self, http: SiteHttp, quota: Quota, token_url: str, client_id: str, client_secret: str) -> None:
        self._http = http
        self._quota = quota
        self._url = f"{token_url}/oauth2/token"
        self._form = {"client_id": client_id, "client_secret": client_secret, "grant_type": "client_credentials"}
        self._token: str | None = None

    def read(self, tally: Tally) -> str:
        """Return the token, asking for one when there is none; raises `CredentialsRejected` when it is denied."""
        if self._token is None:
            self._token = self._request(tally)
        return self._token

    def discard(self) -> None:
        """Forget a token that the site has refused."""
        self._token = None

    def _request(self, tally: Tally) -> str:
        try:
            answer = self._http.post_form(
                self._url, _TOKENS, book=self._quota.book(tally, Bucket.TWITCH_TOKENS), form=self._form
            )
        except (KeyRefused, RequestRefused) as error:
            connection = name_connection(Platform.TWITCH)
            raise CredentialsRejected(
                f"twitch gives no app token: mend the client id and secret of connection {connection} ({error})"
            ) from None
        return answer.value.access_token
