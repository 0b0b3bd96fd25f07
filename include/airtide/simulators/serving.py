"""Serving the application on a socket, in the foreground or beside a caller."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn

from airtide.simulators.app import SimulatorConfig, build_app

_START_TIMEOUT_S: Final = 30


def open_socket(host: str, port: int) -> socket.socket:
    """Bind a listening address; port 0 takes a free one.

    Raises:
        OSError: the address is taken or not this machine's.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def make_server(config: SimulatorConfig) -> uvicorn.Server:
    """Make a server whose responses are dated by the world's clock, not by its own."""
    settings = uvicorn.Config(
        build_app(config),
        date_header=False,
        server_header=False,
        access_log=False,
        log_level="warning",
        lifespan="off",
        timeout_graceful_shutdown=2,
    )
    return uvicorn.Server(settings)


@contextmanager
def serve_in_thread(config: SimulatorConfig, port: int = 0) -> Iterator[str]:
    """Serve on the loopback address in a thread while the block runs; gives the base URL.

    Raises:
        OSError: the port is taken.
        TimeoutError: the server did not start.
    """
    with open_socket("127.0.0.1", port) as listener:
        server = make_server(config)
        thread = threading.Thread(target=server.run, args=([listener],), name="simulators", daemon=True)
        thread.start()
        try:
            _wait_until_started(server)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def _wait_until_started(server: uvicorn.Server) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while not server.started:
        if time.monotonic() > deadline:
            message = f"the simulators did not start within {_START_TIMEOUT_S} s"
            raise TimeoutError(message)
        time.sleep(0.01)
