"""One local installation put together: its settings, files, keys and parts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from airtide.domain.errors import MisconfiguredError
from airtide.local.environment import Addresses, Folders, list_users, render_airflow, render_connections
from airtide.local.home import CHECKOUT, Home, open_home
from airtide.local.java import JavaRuntime, find_jars, find_java
from airtide.local.parts import LOOPBACK, Part
from airtide.local.parts.airflow import PROCESSES, AirflowPart
from airtide.local.parts.kafka import KafkaPart
from airtide.local.parts.lake import LakePart
from airtide.local.parts.postgres import PostgresPart
from airtide.local.parts.simulators import SimulatorsPart
from airtide.local.ports import settle_ports
from airtide.local.secret_file import Secrets, read_or_make_secrets
from airtide.local.sites import (
    KEY_NAMES,
    Mode,
    SiteAccount,
    choose_mode,
    list_accounts,
    read_keys,
    simulated_credentials,
)
from airtide.settings import PortsSettings, Settings, load_settings


@dataclass(frozen=True)
class Installation:
    """What `airtide up` runs; everything in it is decided by settings, `.env` and the state folder."""

    settings: Settings
    home: Home
    ports: PortsSettings
    secrets: Secrets
    keys: dict[str, str]
    """The real sites' keys that were given."""

    def refuse_other_kind(self) -> None:
        """Raise `MisconfiguredError` when the stores hold the other kind of data than the keys given would bring."""
        kind = self.home.read_kind()
        if kind and kind != self.mode:
            raise MisconfiguredError(
                f"{self.home.root} holds {kind} data, but with the keys given now it would get {self.mode} data: "
                "change the keys in .env, or name another folder with AIRTIDE__LOCAL__HOME"
            )

    @property
    def mode(self) -> Mode:
        """Return whether the sites are simulated or real."""
        return self.settings.mode

    @cached_property
    def java(self) -> JavaRuntime:
        """Return the Java that runs Kafka and the lake; raises `MisconfiguredError` when there is none."""
        return JavaRuntime(java=find_java(), jars=find_jars())

    @cached_property
    def kafka(self) -> KafkaPart:
        """Return Kafka."""
        return KafkaPart(
            home=self.home, java=self.java, port=self.ports.kafka, controller_port=self.ports.kafka_controller
        )

    @cached_property
    def postgres(self) -> PostgresPart:
        """Return PostgreSQL."""
        return PostgresPart(home=self.home, port=self.ports.postgres, password=self.secrets.postgres_superuser)

    @cached_property
    def lake(self) -> LakePart:
        """Return the S3 server."""
        return LakePart(
            home=self.home,
            java=self.java,
            port=self.ports.lake,
            bucket=self.settings.lake.bucket,
            access_key=self.secrets.lake_access_key,
            secret_key=self.secrets.lake_secret_key,
        )

    @cached_property
    def simulators(self) -> SimulatorsPart:
        """Return the simulated sites."""
        return SimulatorsPart(
            home=self.home,
            port=self.ports.simulators,
            credentials=simulated_credentials(self.secrets),
            world=self.settings.simulation,
        )

    @property
    def services(self) -> Sequence[Part]:
        """Return the parts that Airflow's processes need."""
        simulated: list[Part] = [self.simulators] if self.mode == "simulated" else []
        return [self.kafka, self.postgres, self.lake, *simulated]

    @cached_property
    def airflow(self) -> Sequence[AirflowPart]:
        """Return Airflow's four processes."""
        return [
            AirflowPart(
                name=name,
                ports=(self.ports.airflow,) if name == "api-server" else (),
                environment=self.environment,
                url=self.addresses.airflow_url,
                passwords=list_users(self.secrets),
            )
            for name in PROCESSES
        ]

    @property
    def parts(self) -> Sequence[Part]:
        """Return every part in the order of starting."""
        return [*self.services, *self.airflow]

    def part(self, name: str) -> Part:
        """Return the part called `name`; raises `MisconfiguredError` for any other."""
        for part in self.parts:
            if part.name == name:
                return part
        raise MisconfiguredError(f"there is no part {name}: there are {', '.join(part.name for part in self.parts)}")

    @property
    def addresses(self) -> Addresses:
        """Return where the parts listen, all on the loopback address."""
        airflow_url = f"http://{LOOPBACK}:{self.ports.airflow}"
        return Addresses(
            kafka=f"{LOOPBACK}:{self.ports.kafka}",
            postgres_host=LOOPBACK,
            postgres_port=self.ports.postgres,
            lake_url=f"http://{LOOPBACK}:{self.ports.lake}",
            airflow_bind_host=LOOPBACK,
            airflow_port=self.ports.airflow,
            airflow_url=airflow_url,
            browser_url=airflow_url,
        )

    @property
    def accounts(self) -> list[SiteAccount]:
        """Return where each site is asked and with which key; secret."""
        return list_accounts(self.keys, self.secrets, self.settings, f"http://{LOOPBACK}:{self.ports.simulators}")

    @property
    def connections(self) -> dict[str, str]:
        """Return the connections under their AIRFLOW_CONN_… names; the values are secret."""
        return render_connections(self.addresses, self.secrets, self.accounts)

    @cached_property
    def own_environment(self) -> dict[str, str]:
        """Return what local mode sets for Airflow's processes and for everything that does their work; secret."""
        folders = Folders(airflow_home=str(self.home.airflow), checkout=str(CHECKOUT))
        return {**render_airflow(self.addresses, folders, self.secrets, self.mode), **self.connections}

    @cached_property
    def environment(self) -> dict[str, str]:
        """Return the whole environment of such a process: the caller's, and what local mode sets; secret."""
        return {**inherited_environment(), **self.own_environment}


def inherited_environment() -> dict[str, str]:
    """Return the caller's environment without another Airflow's settings and without the sites' keys."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW_") and name not in KEY_NAMES
    }
    spared = [host for host in kept.get("NO_PROXY", kept.get("no_proxy", "")).split(",") if host]
    without_proxy = ",".join(dict.fromkeys([*spared, LOOPBACK, "localhost"]))
    return {**kept, "NO_PROXY": without_proxy, "no_proxy": without_proxy}


def open_installation(settings: Settings | None = None) -> Installation:
    """Read settings, `.env` and the state folder, making what is missing in it; nothing is started.

    Raises `MisconfiguredError` for wrong settings, keys or files.
    """
    settings = settings or load_settings()
    home = open_home(settings.local.home)
    keys = read_keys(CHECKOUT / ".env")
    return Installation(
        settings=settings.model_copy(update={"mode": choose_mode(keys)}),
        home=home,
        ports=settle_ports(settings.local.ports, home.ports),
        secrets=read_or_make_secrets(home.secrets),
        keys=keys,
    )
