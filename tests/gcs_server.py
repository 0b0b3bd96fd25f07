"""The Google Cloud Storage server that tests run, in memory; `scripts/fetch_gcs_server.sh` builds it once."""

from __future__ import annotations

from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from airtide.domain.errors import PartUnreachable
from airtide.local.home import CHECKOUT, Home
from airtide.local.parts import LOOPBACK
from airtide.local.program import Program, plain_environment

BUILT = CHECKOUT / ".airtide" / "gcs-server" / "fake-gcs-server"


def find_server(built: Path = BUILT) -> Path:
    """Return the server's program; skips the test where it could not be built, with the last words of the build."""
    if not built.exists():
        log = built.with_name("build.log")
        said = log.read_text(errors="replace").splitlines() if log.exists() else []
        pytest.skip(f"no fake-gcs-server: {said[-1] if said else 'make setup-dev builds it'}")
    return built


class GcsPart:
    """One server, which keeps its objects as long as it runs."""

    name = "gcs"

    def __init__(self, *, home: Home, port: int, program: Path) -> None:
        self._home = home
        self._program = program
        self.port = port

    @property
    def ports(self) -> tuple[int, ...]:
        return (self.port,)

    @property
    def endpoint_url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def prepare(self) -> None:
        """Nothing is to be made."""

    def program(self) -> Program:
        told = {
            "scheme": "http",
            "host": LOOPBACK,
            "port": str(self.port),
            "backend": "memory",
            "public-host": f"{LOOPBACK}:{self.port}",
            "external-url": self.endpoint_url,
            "log-level": "error",
        }
        options = [word for name, value in told.items() for word in (f"-{name}", value)]
        return Program(
            name=self.name,
            command=(str(self._program), *options),
            environment=plain_environment(),
            folder=str(self._home.root),
        )

    def check(self) -> str:
        try:
            with urlopen(f"{self.endpoint_url}/storage/v1/b?project=tests", timeout=5) as answer:
                return f"the server answers {answer.status}"
        except (URLError, OSError) as error:
            raise PartUnreachable(f"{self.endpoint_url}: {error}") from error
