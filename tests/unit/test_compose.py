"""docker-compose.yaml says the same as local mode: services, commands, environment, connections."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from airtide.local.containers import ADDRESSES, FOLDERS, SIMULATED_KEYS_FILE, SIMULATORS_URL, render_variables
from airtide.local.environment import render_airflow, render_connections
from airtide.local.home import CHECKOUT
from airtide.local.parts import kafka, lake, postgres
from airtide.local.parts.airflow import PROCESSES
from airtide.local.postgres_cluster import CLUSTER_OPTIONS
from airtide.local.secret_file import Secrets, complete_secrets
from airtide.local.sites import choose_mode, list_accounts
from airtide.settings import Settings, load_settings

REFERENCE = re.compile(r"\$\{(?P<name>\w+):\?set it with make env\}")
ONE_SHOTS = ("init", "pauses")
TWITCH_KEYS = {"TWITCH_CLIENT_ID": "id-of-a-client", "TWITCH_CLIENT_SECRET": "secret-of-a-client"}


@pytest.fixture(scope="module")
def secrets() -> Secrets:
    return complete_secrets({})


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings()


def read_compose(variables: dict[str, str]) -> dict[str, Any]:
    """Return the file with its references filled in, as Compose does."""
    parsed = yaml.safe_load((CHECKOUT / "docker-compose.yaml").read_text(encoding="utf-8"))

    def fill(node: Any) -> Any:
        if isinstance(node, dict):
            return {name: fill(value) for name, value in node.items()}
        if isinstance(node, list):
            return [fill(value) for value in node]
        return REFERENCE.sub(lambda found: variables[found["name"]], node) if isinstance(node, str) else node

    filled: dict[str, Any] = fill(parsed)
    return filled


@pytest.fixture(scope="module")
def services(secrets: Secrets, settings: Settings) -> dict[str, Any]:
    """The services with simulated sites."""
    found: dict[str, Any] = read_compose(render_variables(secrets, {}, settings))["services"]
    return found


def without_layout(environment: dict[str, str]) -> dict[str, Any]:
    """Return an environment with its connections parsed: line breaks in JSON mean nothing."""
    return {
        name: json.loads(value) if name.startswith("AIRFLOW_CONN_") else value for name, value in environment.items()
    }


def test_every_part_of_local_mode_is_a_service(services: dict[str, Any]) -> None:
    parts = {"kafka", "postgres", "lake", "simulators", *PROCESSES}
    assert set(services) == parts | {"init", "pauses", "kafka-ui"}
    assert services["kafka-ui"]["profiles"] == ["ui"]


@pytest.mark.parametrize("name", PROCESSES)
def test_airflow_runs_the_same_commands(services: dict[str, Any], name: str) -> None:
    assert services[name]["command"] == list(PROCESSES[name])


@pytest.mark.parametrize("keys", [{}, TWITCH_KEYS], ids=["simulated", "real"])
@pytest.mark.parametrize("name", [*PROCESSES, *ONE_SHOTS])
def test_airflow_gets_the_same_environment_and_connections(
    secrets: Secrets, settings: Settings, keys: dict[str, str], name: str
) -> None:
    services = read_compose(render_variables(secrets, keys, settings))["services"]
    accounts = list_accounts(keys, secrets, settings, SIMULATORS_URL)
    rendered = {
        **render_airflow(ADDRESSES, FOLDERS, secrets, choose_mode(keys)),
        **render_connections(ADDRESSES, secrets, accounts),
    }
    assert without_layout(services[name]["environment"]) == without_layout(rendered)


def test_kafka_has_the_same_settings(services: dict[str, Any]) -> None:
    told = services["kafka"]["environment"]
    assert {name: told[f"KAFKA_{name.upper().replace('.', '_')}"] for name in kafka.BROKER_SETTINGS} == (
        kafka.BROKER_SETTINGS
    )
    options = {*shlex.split(told["KAFKA_HEAP_OPTS"]), *shlex.split(told["KAFKA_JVM_PERFORMANCE_OPTS"])}
    assert options == {option for option in kafka.JVM_OPTIONS if option.startswith("-X") and option != "-Xss512k"}
    assert told["KAFKA_ADVERTISED_LISTENERS"] == f"PLAINTEXT://{ADDRESSES.kafka}"


def test_postgres_has_the_same_settings(services: dict[str, Any], secrets: Secrets) -> None:
    placed = {"listen_addresses", "unix_socket_directories"}
    shared = [f"--{name}={value}" for name, value in postgres.SERVER_SETTINGS.items() if name not in placed]
    assert services["postgres"]["command"] == ["postgres", *shared]
    initdb = services["postgres"]["environment"]["POSTGRES_INITDB_ARGS"].split()
    assert set(CLUSTER_OPTIONS) <= set(initdb)
    assert services["postgres"]["environment"]["POSTGRES_PASSWORD"] == secrets.postgres_superuser


def test_the_lake_has_the_same_keys_and_options(services: dict[str, Any], secrets: Secrets) -> None:
    told = services["lake"]["environment"]
    assert (told["S3PROXY_IDENTITY"], told["S3PROXY_CREDENTIAL"]) == (secrets.lake_access_key, secrets.lake_secret_key)
    assert told["S3PROXY_AUTHORIZATION"] == "aws-v2-or-v4"
    assert told["JCLOUDS_PROVIDER"] == "filesystem-nio2"
    assert shlex.split(told["S3PROXY_JAVA_OPTS"]) == list(lake.JVM_OPTIONS)


def test_the_simulators_show_the_same_world(services: dict[str, Any], settings: Settings) -> None:
    command = services["simulators"]["command"]
    world = settings.simulation
    assert command[:3] == ["python", "-m", "airtide.simulators"]
    options = dict(zip(command[3::2], command[4::2], strict=True))
    assert options == {
        "--host": "0.0.0.0",
        "--port": SIMULATORS_URL.rsplit(":", 1)[1],
        "--seed": str(world.seed),
        "--channels": str(world.channels_per_platform),
        "--credentials": SIMULATED_KEYS_FILE,
    }


def test_versions_are_those_of_local_mode() -> None:
    pom = (CHECKOUT / "pom.xml").read_text(encoding="utf-8")
    requirements = (CHECKOUT / "requirements.txt").read_text(encoding="utf-8")
    services = yaml.safe_load((CHECKOUT / "docker-compose.yaml").read_text(encoding="utf-8"))["services"]
    dockerfile = (CHECKOUT / "Dockerfile").read_text(encoding="utf-8")
    assert f"<kafka.version>{services['kafka']['image'].split(':')[1]}<" in pom
    assert f"<s3proxy.version>{services['lake']['image'].split(':')[1]}<" in pom
    airflow = re.search(r"FROM apache/airflow:([\d.]+)-", dockerfile)
    assert airflow is not None
    assert f"apache-airflow=={airflow[1]}" in requirements


def test_the_image_takes_what_google_s_store_needs_only_where_it_is_asked_for() -> None:
    steps = (CHECKOUT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert "ARG LAKE=s3" in steps
    [install] = [step.removeprefix("RUN ") for step in steps if step.startswith("RUN") and "requirements-gcs" in step]
    for kind, told in (("s3", ""), ("gcs", "install --no-cache-dir --requirement /opt/airtide/requirements-gcs.txt\n")):
        run = subprocess.run(
            ["sh", "-euc", f'pip() {{ echo "$*"; }}; {install}'],
            env={"LAKE": kind},
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout == told


def test_images_are_pinned_and_ports_are_on_loopback(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert re.search(r":v?\d+(\.\d+)+$", service["image"]), name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name


def test_every_service_is_hardened_and_checked(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["cap_drop"] == ["ALL"], name
        assert name in ONE_SHOTS or "healthcheck" in service, name


def test_nothing_works_before_what_it_needs(services: dict[str, Any]) -> None:
    done = {"condition": "service_completed_successfully"}
    healthy = {"condition": "service_healthy"}
    assert services["init"]["depends_on"] == {"kafka": healthy, "postgres": healthy, "lake": healthy}
    assert services["api-server"]["depends_on"] == {"init": done, "simulators": healthy}
    after_api_server = {"init": done, "simulators": healthy, "api-server": healthy}
    for name in set(PROCESSES) - {"api-server", "scheduler"}:
        assert services[name]["depends_on"] == after_api_server
    assert services["pauses"]["depends_on"] == {**after_api_server, "dag-processor": healthy}


def test_the_scheduler_waits_until_dags_without_a_key_are_paused(services: dict[str, Any]) -> None:
    assert services["scheduler"]["depends_on"]["pauses"] == {"condition": "service_completed_successfully"}
    assert services["pauses"]["command"] == ["python", "-m", "airtide.cli", "follow-keys"]


def test_the_kafka_ui_has_a_password_of_its_own(services: dict[str, Any], secrets: Secrets) -> None:
    environment = services["kafka-ui"]["environment"]
    assert environment["SPRING_SECURITY_USER_PASSWORD"] == secrets.kafka_ui_password
    assert secrets.kafka_ui_password != secrets.airflow_admin_password


def test_docker_compose_accepts_the_file(tmp_path: Path, secrets: Secrets, settings: Settings) -> None:
    docker = shutil.which("docker")
    known = docker and subprocess.run([docker, "compose", "version"], capture_output=True, check=False)
    if not known or known.returncode != 0:
        pytest.skip("docker compose is not installed here")
    variables = render_variables(secrets, {}, settings)
    shutil.copy(CHECKOUT / "docker-compose.yaml", tmp_path)
    (tmp_path / ".env").write_text("".join(f"{name}='{value}'\n" for name, value in variables.items()))
    command = [docker, "compose", "--profile", "ui", "config", "--format", "json"]
    rendered = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert rendered.returncode == 0, rendered.stderr
    environment = json.loads(rendered.stdout)["services"]["scheduler"]["environment"]
    assert environment["AIRFLOW_CONN_AIRTIDE_TWITCH"] == variables["AIRFLOW_CONN_AIRTIDE_TWITCH"]
