"""Processes that start at once share one app token."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.unit.platforms.sites import make_access, make_clock

from airtide.domain.errors import CredentialsRejected
from airtide.domain.models import Platform
from airtide.domain.pages import Tally
from airtide.platforms.http import Answer, SiteHttp
from airtide.platforms.quota import Bucket, Quota
from airtide.platforms.refusals import KeyRefused
from airtide.platforms.tokens import AppToken, TokenAnswer

PROCESSES = 8
ANSWER_S = 0.3
"""Long enough for every other process to need the token too."""


class CountingServer(SiteHttp):
    """A token server that notes each request in a file, which all processes append to."""

    def __init__(self, journal: Path, refuses: bool) -> None:
        super().__init__(Platform.KICK, timeout_s=1.0)
        self._journal = journal
        self._refuses = refuses

    def post_form(self, url: str, decoder: Any, *, book: Any, form: Any) -> Answer[Any]:
        with self._journal.open("a") as journal:
            journal.write(f"asked by {os.getpid()}\n")
        time.sleep(ANSWER_S)
        if self._refuses:
            raise KeyRefused("kick: POST … was answered with HTTP 401", status=401)
        return Answer(value=TokenAnswer(access_token=f"token-of-{os.getpid()}", expires_in="5000"), site_time=None)


def read_token(folder: Path, refuses: bool, start: Any, told: Any, replaced: str) -> None:
    """Run one process: read the token once all are ready; with `replaced`, call a site that refuses that one."""
    token = AppToken(
        CountingServer(folder / "journal", refuses),
        Quota(),
        make_clock(),
        make_access(token_folder=folder / "tokens"),
        platform=Platform.KICK,
        path="/oauth/token",
        bucket=Bucket.KICK_TOKENS,
    )

    def ask(held: str) -> str:
        if held == replaced:
            raise KeyRefused("kick: GET … was answered with HTTP 401", status=401)
        return held

    start.wait(60)
    try:
        told.put(token.call(Tally(), ask))
    except CredentialsRejected as error:
        told.put(f"rejected: {'mend' in str(error) and 'airtide_kick' in str(error)}")


def run_processes(folder: Path, *, refuses: bool = False, replaced: str = "") -> Counter[str]:
    """Start all at once; return how many were told what."""
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload([__name__])
    start, told = server.Barrier(PROCESSES), server.Queue()
    arguments = (folder, refuses, start, told, replaced)
    processes = [server.Process(target=read_token, args=arguments) for _ in range(PROCESSES)]
    for process in processes:
        process.start()
    answers = Counter(told.get(timeout=60) for _ in processes)
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * PROCESSES
    return answers


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def test_eight_processes_cause_one_request_and_renew_it_once(tmp_path: Path, journal: Path) -> None:
    [(token, count)] = run_processes(tmp_path).items()
    assert (token.startswith("token-of-"), count) == (True, PROCESSES)
    assert len(journal.read_text().splitlines()) == 1
    [(renewed, count)] = run_processes(tmp_path, replaced=token).items()
    assert (renewed != token, count) == (True, PROCESSES)
    assert len(journal.read_text().splitlines()) == 2


def test_eight_processes_with_a_refused_key_ask_once_and_all_say_what_to_mend(tmp_path: Path, journal: Path) -> None:
    assert run_processes(tmp_path, refuses=True) == {"rejected: True": PROCESSES}
    assert len(journal.read_text().splitlines()) == 1
