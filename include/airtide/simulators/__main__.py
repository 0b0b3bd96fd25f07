"""Run the simulated sites: `python -m airtide.simulators --port 8090 --credentials FILE`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from airtide.simulators.app import SimulatorConfig
from airtide.simulators.clock import Clock, parse_instant, read_wall_clock, run_clock_from
from airtide.simulators.credentials import CredentialsError, read_credentials
from airtide.simulators.serving import make_server, open_socket
from airtide.simulators.world.world import DEFAULT_CHANNELS


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal comes; give the exit status."""
    options = _parse(arguments)
    try:
        credentials = read_credentials(options.credentials)
        listener = open_socket(options.host, options.port)
    except CredentialsError as error:
        return _complain(str(error))
    except OSError as error:
        return _complain(f"{options.host}:{options.port} cannot be listened on: {error.strerror}")
    config = SimulatorConfig(
        credentials=credentials, seed=options.seed, channels=options.channels, clock=options.now or read_wall_clock
    )
    with listener:
        print(f"simulated sites at http://{options.host}:{listener.getsockname()[1]}", flush=True)
        make_server(config).run([listener])
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m airtide.simulators", description="Serve the simulated sites.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, required=True, help="port to listen on; 0 takes a free one")
    parser.add_argument("--seed", type=int, default=7, help="which world to show (default: %(default)s)")
    parser.add_argument(
        "--channels", type=_read_count, default=DEFAULT_CHANNELS, help="channels per platform (default: %(default)s)"
    )
    parser.add_argument("--credentials", type=Path, required=True, help="JSON file of mode 0600, one entry per site")
    parser.add_argument("--now", type=_read_clock, help="instant at which the world's clock starts, in UTC")
    return parser.parse_args(arguments)


def _read_count(text: str) -> int:
    count = int(text)
    if count < 1:
        message = "at least one channel is needed"
        raise argparse.ArgumentTypeError(message)
    return count


def _read_clock(text: str) -> Clock:
    try:
        return run_clock_from(parse_instant(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _complain(message: str) -> int:
    print(f"airtide.simulators: {message}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
