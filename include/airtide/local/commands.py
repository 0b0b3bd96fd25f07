"""The commands of local mode."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from typing import Annotated

import typer

from airtide.domain.errors import MisconfiguredError
from airtide.domain.models import Platform
from airtide.local.display import (
    console,
    say,
    show_captures,
    show_failing,
    show_finding,
    show_lags,
    show_parts,
    show_quotas,
    show_way_in,
)
from airtide.local.installation import open_installation
from airtide.settings import POLLED_PLATFORMS

app = typer.Typer(help="The whole platform on this machine, without Docker.")


@app.command()
def up() -> None:
    """Start every part, make what they must hold, and leave them running."""
    from airtide.local.locking import only_one
    from airtide.local.start import is_up, start_all

    installation = open_installation()
    with only_one(installation.home):
        if is_up(installation):
            console.print("Airtide runs already.")
        else:
            start_all(installation, say)
    show_parts(installation)
    show_way_in(installation)


@app.command()
def demo() -> None:
    """Start every part with two simulated days behind it, and show yesterday's ranking."""
    from airtide.local.demo import run_demo
    from airtide.local.locking import only_one

    installation = open_installation()
    with only_one(installation.home):
        run_demo(installation, console)


@app.command()
def down() -> None:
    """Land what waits in Kafka, then stop every process."""
    from airtide.local.locking import only_one
    from airtide.local.stop import stop_all

    installation = open_installation()
    with only_one(installation.home):
        if not stop_all(installation, say):
            console.print("Nothing was running.")


@app.command()
def status() -> None:
    """Show every part: state, process, port, since when; what is landed and captured, and what fails."""
    from airtide.local.supervision import Supervisor

    installation = open_installation()
    if show_parts(installation):
        show_lags(installation)
        show_failing(installation)
        show_captures(installation)
        show_way_in(installation)
    elif left := Supervisor(installation.home).count_leftovers():
        console.print(
            f"The supervisor is gone and left {left} processes: airtide down ends them, airtide up starts anew"
        )
    else:
        console.print("Nothing is running: airtide up")


@app.command()
def doctor() -> None:
    """Use every part and say whether it works, and how to mend it when it does not; 1 when something is wrong."""
    from airtide.local.doctor import examine

    well = True
    for finding in examine(open_installation()):
        well = well and finding.well
        show_finding(finding)
    if not well:
        raise typer.Exit(1)


@app.command()
def logs(
    part: Annotated[str, typer.Argument(help="kafka, postgres, lake, simulators, api-server, scheduler, …")],
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with every new line until Ctrl-C.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many of the last lines.")] = 100,
) -> None:
    """Show the end of a part's log."""
    from airtide.local.logs import read_lines

    installation = open_installation()
    file = installation.home.log(part)
    if not file.exists():
        raise MisconfiguredError(
            f"no log of {part}: there are {', '.join(installation.home.list_logs()) or 'none yet'}"
        )
    for line in read_lines(file, lines=lines, follow=follow):
        typer.echo(line, nl=False)


@app.command()
def quota() -> None:
    """Show what is spent and left of each site's quota, and what will be spent when it is filled again."""
    from airtide.wiring import jobs
    from airtide.wiring.adapters import Adapters
    from airtide.wiring.connections import Connections, read_environment

    with Adapters(Connections(read_environment(find_environment()))) as adapters:
        show_quotas(jobs.read_quotas(adapters))


@app.command()
def reset(yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Stop everything and remove all data, secrets and logs of local mode."""
    from airtide.local.locking import only_one
    from airtide.local.stop import remove_state
    from airtide.local.supervision import Supervisor

    installation = open_installation()
    if not yes:
        typer.confirm(f"Remove everything under {installation.home.root}?", abort=True)
    with only_one(installation.home):
        Supervisor(installation.home).shut_down()
        remove_state(installation)
    console.print(f"{installation.home.root} is empty: the next airtide up starts anew.")


@app.command()
def env() -> None:
    """Print the environment of local mode as export lines, secrets included: eval "$(airtide env)"."""
    installation = open_installation()
    installation.refuse_other_kind()
    for name, value in sorted(installation.own_environment.items()):
        typer.echo(f"export {name}={shlex.quote(value)}")


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
    add_help_option=False,
)
def airflow(context: typer.Context) -> None:
    """Run Airflow's own command line with local mode's environment: airtide airflow tasks test poll_twitch poll."""
    from airtide.local.parts.airflow import airflow_command
    from airtide.local.supervision import Supervisor

    installation = open_installation()
    if not Supervisor(installation.home).is_running():
        raise MisconfiguredError("local mode is not running: airtide up")
    installation.refuse_other_kind()
    command = airflow_command(*context.args)
    os.execve(command[0], command, installation.environment)  # noqa: S606 - Airflow's own command, as the user typed it


@app.command()
def fetch_jars() -> None:
    """Fetch the jars of Kafka and the S3 server with Maven, unless they are there."""
    from airtide.local.java import fetch_jars as fetch

    fetch()


@app.command()
def compose_env() -> None:
    """Write what docker-compose.yaml asks for into .env: random secrets, and connections that follow the keys in it."""
    from airtide.local.containers import write_env_file
    from airtide.local.home import CHECKOUT

    file = CHECKOUT / ".env"
    write_env_file(file)
    console.print(f"{file} is complete: docker compose up -d")


@app.command(hidden=True)
def prepare() -> None:
    """Make what the containers must hold before they work; the init service of docker-compose.yaml."""
    from airtide.local.containers import prepare_containers

    prepare_containers(os.environ)


@app.command(hidden=True)
def follow_keys() -> None:
    """Pause the Dags of sites without a key; the pauses service of docker-compose.yaml."""
    from airtide.local.containers import pause_without_key

    for platform in pause_without_key(os.environ):
        console.print(f"{platform} has no key: its Dags are paused")


def find_site(site: str) -> Platform:
    """Return the site of that name; raises `MisconfiguredError` with the known ones."""
    platform = next((platform for platform in POLLED_PLATFORMS if platform == site), None)
    if platform is None:
        raise MisconfiguredError(f"there is no site {site}: there are {', '.join(POLLED_PLATFORMS)}")
    return platform


def find_environment() -> Mapping[str, str]:
    """Return where connections are told: a container is handed them, and has no local mode to ask."""
    from airtide.wiring.connections import POSTGRES

    given = f"AIRFLOW_CONN_{POSTGRES.upper()}" in os.environ
    return os.environ if given else open_installation().environment
