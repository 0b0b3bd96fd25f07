"""Who may call Twitch's API and how often: app tokens and points."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

TOKEN_LIFE_S: Final = 5_011_271
POINTS_PER_MINUTE: Final = 800

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


class PointsMeter:
    """Counts the calls of the current minute of the world."""

    def __init__(self, points_per_minute: int = POINTS_PER_MINUTE) -> None:
        """Allow so many points a minute."""
        self._limit = points_per_minute
        self._minute = 0
        self._used = 0

    def spend(self, now_s: int) -> tuple[bool, dict[str, str]]:
        """Take one point; say whether there was one, and the headers that tell what is left and when it is full."""
        if now_s // 60 != self._minute:
            self._minute, self._used = now_s // 60, 0
        self._used += 1
        return self._used <= self._limit, {
            "Ratelimit-Limit": str(self._limit),
            "Ratelimit-Remaining": str(max(self._limit - self._used, 0)),
            "Ratelimit-Reset": str((self._minute + 1) * 60),
        }
