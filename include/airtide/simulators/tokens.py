"""App tokens as the sites with a token server of their own issue and check them."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

TOKEN_LIFE_S: Final = 5_011_271

_DIGEST_CHARACTERS: Final = 22


class TokenOffice:
    """Issues and checks app tokens without remembering them.

    A token carries its time of issue and a seal over it, so that it outlives a restart of the server and holds at
    any instant before its expiry, also when a caller's clock moves back before the time of issue.
    """

    def __init__(self, client_id: str, client_secret: str) -> None:
        """Seal tokens with this client's credentials."""
        self.client_id = client_id
        self._client_secret = client_secret

    def accepts(self, client_id: str, client_secret: str) -> bool:
        """Say whether these are the registered credentials."""
        return client_id == self.client_id and hmac.compare_digest(client_secret.encode(), self._client_secret.encode())

    def issue(self, now_s: int) -> str:
        """Issue a token that expires TOKEN_LIFE_S later: 30 lower-case letters and digits."""
        return f"{now_s:08x}{self._seal(now_s)}"

    def read_expiry(self, token: str) -> int | None:
        """Say at which epoch second a token expires; None if it was never issued here."""
        try:
            issued_s = int(token[:8], 16)
        except ValueError:
            return None
        if not hmac.compare_digest(token.encode(), self.issue(issued_s).encode()):
            return None
        return issued_s + TOKEN_LIFE_S

    def _seal(self, issued_s: int) -> str:
        key = hashlib.sha256(f"{self.client_id}:{self._client_secret}".encode()).digest()
        return hmac.new(key, str(issued_s).encode(), hashlib.sha256).hexdigest()[:_DIGEST_CHARACTERS]
