"""A token server in memory, and tokens asked of it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from tests.unit.platforms.sites import make_access, make_clock

from airtide.domain.clock import Clock
from airtide.domain.models import Platform
from airtide.domain.pages import Tally
from airtide.platforms.http import Answer, SiteHttp
from airtide.platforms.quota import Bucket, Quota
from airtide.platforms.refusals import KeyRefused
from airtide.platforms.tokens import AppToken, TokenAnswer

LIFE_S = 5_011_271


class TokenServer(SiteHttp):
    """A token server in memory: counts what it is asked, and answers with tokens in their order."""

    def __init__(self) -> None:
        super().__init__(Platform.TWITCH, timeout_s=1.0)
        self.asked: list[str] = []
        self.life: float | str | None = LIFE_S
        self.refusal: Exception | None = None
        self.same: str | None = None
        self.entered = threading.Event()
        self.may_answer = threading.Event()
        self.may_answer.set()

    def post_form(self, url: str, decoder: Any, *, book: Any, form: Any) -> Answer[Any]:
        self.asked.append(url)
        book()
        self.entered.set()
        assert self.may_answer.wait(30)
        if self.refusal is not None:
            raise self.refusal
        token = self.same or f"canary-token-{len(self.asked)}"
        return Answer(value=TokenAnswer(access_token=token, expires_in=self.life), site_time=None)


def make_token(
    server: SiteHttp, folder: Path | None, *, clock: Clock | None = None, lock_wait_s: float = 30.0, **access: Any
) -> AppToken:
    return AppToken(
        server,
        Quota(),
        clock or make_clock(),
        make_access(token_folder=folder, **access),
        platform=Platform.TWITCH,
        path="/oauth2/token",
        bucket=Bucket.TWITCH_TOKENS,
        lock_wait_s=lock_wait_s,
    )


def call_site(token: AppToken, good: set[str]) -> str:
    """Call a site that takes only some tokens; return the one it took."""

    def ask(told: str) -> str:
        if told not in good:
            raise KeyRefused("twitch: GET … was answered with HTTP 401", status=401)
        return told

    return token.call(Tally(), ask)
