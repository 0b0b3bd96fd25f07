"""The simulated sites, in place of the real ones where no keys are given."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from http import HTTPStatus

from airtide.domain.errors import PartUnreachable
from airtide.local.home import CHECKOUT, Home
from airtide.local.parts import LOOPBACK
from airtide.local.program import Program, plain_environment, write_private
from airtide.settings import SimulationSettings


class SimulatorsPart:
    """One process that answers for every site; its world depends on the seed and the time alone."""

    name = "simulators"

    def __init__(
        self, *, home: Home, port: int, credentials: Mapping[str, Mapping[str, str]], world: SimulationSettings
    ) -> None:
        self._folder = home.root / "simulators"
        self._credentials = credentials
        self._world = world
        self.port = port

    @property
    def ports(self) -> tuple[int, ...]:
        """Return the server's port."""
        return (self.port,)

    @property
    def base_url(self) -> str:
        """Return the address before the sites' prefixes."""
        return f"http://{LOOPBACK}:{self.port}"

    def prepare(self) -> None:
        """Write the keys that the simulated sites accept."""
        write_private(self._folder / "credentials.json", json.dumps(self._credentials))

    def program(self) -> Program:
        """Return how the sites are run."""
        return Program(
            name=self.name,
            command=(
                *(sys.executable, "-m", "airtide.simulators", "--host", LOOPBACK, "--port", str(self.port)),
                *("--seed", str(self._world.seed), "--channels", str(self._world.channels_per_platform)),
                *("--credentials", str(self._folder / "credentials.json")),
            ),
            environment={**plain_environment(), "PYTHONPATH": str(CHECKOUT / "include"), "PYTHONUNBUFFERED": "1"},
            folder=str(self._folder),
        )

    def check(self) -> str:
        """Ask the sites whether they are well."""
        import requests

        with requests.Session() as session:
            session.trust_env = False  # a proxy has no way to a loopback address
            try:
                answer = session.get(f"{self.base_url}/healthz", timeout=5)
            except requests.RequestException as error:
                raise PartUnreachable(f"the simulated sites do not answer on {self.base_url}") from error
        if answer.status_code != HTTPStatus.OK:
            raise PartUnreachable(f"the simulated sites on {self.base_url} answer {answer.status_code}")
        return "the simulated sites answer"
