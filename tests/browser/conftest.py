"""A real Chromium on the real page: the application in a thread, its queries on a seeded warehouse."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright
from tests.plugins.clients import build_page_app
from tests.plugins.seeding import seed_world
from tests.services import WarehouseMaker, free_port

from airtide.domain.clock import SetClock
from airtide.settings import load_settings
from airtide.warehouse.connect import connect
from airtide.wiring.reads import Reads

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
DEADLINE_S = 20


@dataclass
class Watched:
    """A page and everything that went wrong on it."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    def open(self, query: str = "") -> Page:
        """Go to the page and wait until all of it has come."""
        self.page.goto(self.address + query)
        self.page.wait_for_selector("body[data-state=ready] #ranking tbody tr:not(.skeleton)")
        self.page.wait_for_load_state("networkidle")
        return self.page


@contextmanager
def serve_page(reads: Reads) -> Iterator[str]:
    """Serve the page under a prefix as Airflow may; gives its address."""
    port = free_port()
    config = uvicorn.Config(build_page_app(reads, prefix="/some/prefix"), port=port, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + DEADLINE_S
    while not server.started:
        assert thread.is_alive(), "the server ended before it began"
        assert time.monotonic() < deadline, "the server did not start in time"
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}/some/prefix/airtide/"
    server.should_exit = True
    thread.join(DEADLINE_S)
    reads.warehouse.close()


@pytest.fixture(scope="module")
def page_address(warehouse_maker: WarehouseMaker) -> Iterator[str]:
    """Where the page is served; its world ends now."""
    now = datetime.now(UTC)
    with warehouse_maker.warehouse() as made:
        with connect(made.superuser, None) as connection:
            seed_world(connection, now=now, channels=16)
        with serve_page(Reads(made.address, load_settings(), SetClock(now))) as address:
            yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; without it the test is skipped by that name."""
    if not Path(CHROMIUM).exists():
        pytest.skip("chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        # as root Chromium has no sandbox; it sees this page only
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def watched(browser: Browser, page_address: str) -> Iterator[Watched]:
    """A fresh page of 1440 × 900; complaints of its console and failed requests are collected."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light", timezone_id="UTC")
    context.set_default_timeout(DEADLINE_S * 1000)
    watched = Watched(context.new_page(), page_address)
    watched.page.on("console", lambda told: told.type in {"error", "warning"} and watched.complaints.append(told.text))
    watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    watched.page.on("requestfailed", lambda request: watched.complaints.append(request.url))
    yield watched
    context.close()
