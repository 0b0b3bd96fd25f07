"""With real keys, the Dags of a site without one are paused: they would only fail."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from airtide.domain.errors import PartUnreachable
from airtide.domain.models import Platform
from airtide.local.environment import ADMIN
from airtide.local.program import write_private
from airtide.local.sites import SiteAccount
from airtide.settings import POLLED_PLATFORMS

if TYPE_CHECKING:
    from requests import Session

PARSED_WITHIN_S = 180.0
TIMEOUT_S = 10.0
TRIES_AGAIN = 3
"""Airflow answers 500 when its database breaks a deadlock between this change and a process that reads Dags."""


class DagSwitch:
    """Pauses the Dags of sites through Airflow's API, and remembers whom it paused."""

    def __init__(self, url: str, password: str, memory: Path) -> None:
        self._url = url
        self._password = password
        self._memory = memory

    def follow_keys(self, accounts: Collection[SiteAccount]) -> list[Platform]:
        """Pause the Dags of accounts without a key, as `pause_only` does."""
        return self.pause_only({account.platform for account in accounts if not account.password})

    def pause_only(self, without_key: Collection[Platform]) -> list[Platform]:
        """Pause the Dags of sites without a key, wake those it had paused that have one now; return the paused sites.

        A Dag that somebody else paused stays paused. Raises `PartUnreachable` when Airflow does not let it.
        """
        paused_before = self._recall()
        with self._logged_in() as session:
            self._await_dags(session)
            for platform in sorted(without_key):
                self._set_paused(session, platform, paused=True)
            for platform in sorted(paused_before.difference(without_key)):
                self._set_paused(session, platform, paused=False)
        write_private(self._memory, json.dumps(sorted(without_key)))
        return sorted(without_key)

    def _recall(self) -> set[Platform]:
        if not self._memory.exists():
            return set()
        return {Platform(name) for name in json.loads(self._memory.read_text(encoding="utf-8"))}

    @contextmanager
    def _logged_in(self) -> Iterator[Session]:
        import requests
        from requests.adapters import HTTPAdapter
        from urllib3 import Retry

        again = Retry(total=TRIES_AGAIN, backoff_factor=0.2, status_forcelist=[500], allowed_methods=["GET", "PATCH"])
        with requests.Session() as session:
            session.trust_env = False  # a proxy has no way to a loopback address
            session.mount(self._url, HTTPAdapter(max_retries=again))
            try:
                answer = session.post(
                    f"{self._url}/auth/token",
                    json={"username": ADMIN, "password": self._password},
                    timeout=TIMEOUT_S,
                )
                answer.raise_for_status()
                session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
                yield session
            except requests.RequestException as error:
                raise PartUnreachable(f"Airflow did not let its Dags be paused: {error}") from error

    def _await_dags(self, session: Session) -> None:
        deadline = time.monotonic() + PARSED_WITHIN_S
        while not all(self._count_dags(session, platform) for platform in POLLED_PLATFORMS):
            if time.monotonic() > deadline:
                raise PartUnreachable(f"Airflow has not read the Dags within {PARSED_WITHIN_S:.0f} s")
            time.sleep(0.5)

    def _count_dags(self, session: Session, platform: Platform) -> int:
        answer = session.get(f"{self._url}/api/v2/dags", params={"tags": f"platform:{platform}"}, timeout=TIMEOUT_S)
        answer.raise_for_status()
        return int(answer.json()["total_entries"])

    def _set_paused(self, session: Session, platform: Platform, *, paused: bool) -> None:
        answer = session.patch(
            f"{self._url}/api/v2/dags",
            params={"tags": f"platform:{platform}", "dag_id_pattern": "~"},
            json={"is_paused": paused},
            timeout=TIMEOUT_S,
        )
        answer.raise_for_status()
