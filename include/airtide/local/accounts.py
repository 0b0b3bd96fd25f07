"""The system user that PostgreSQL runs as when local mode is started by root, which PostgreSQL itself refuses."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess

from airtide.domain.errors import MisconfiguredError

CANDIDATES = ("airtide", "postgres", "nobody")
CANNOT_DROP = (
    "PostgreSQL does not run as root, and no unprivileged system user can be used or made here: "
    "start airtide as an ordinary user"
)


def is_root() -> bool:
    """Tell whether this process has root's rights."""
    return os.geteuid() == 0


def choose_account() -> pwd.struct_passwd:
    """Return an unprivileged user that root can become; makes one when there is none.

    Raises `MisconfiguredError` when a container forbids it.
    """
    for name in CANDIDATES:
        account = find_account(name)
        if account and can_become(account):
            return account
    made = make_account(CANDIDATES[0])
    if made is None or not can_become(made):
        raise MisconfiguredError(CANNOT_DROP)
    return made


def find_account(name: str) -> pwd.struct_passwd | None:
    """Return the system user `name`, or None when there is none without root's rights."""
    try:
        account = pwd.getpwnam(name)
    except KeyError:
        return None
    return account if account.pw_uid != 0 else None


def can_become(account: pwd.struct_passwd) -> bool:
    """Tell whether a process of `account` can be started from here."""
    try:
        subprocess.run(["/bin/true"], user=account.pw_uid, group=account.pw_gid, extra_groups=[], check=True, cwd="/")
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def make_account(name: str) -> pwd.struct_passwd | None:
    """Add the system user `name` without a home or a login, and return it; None when that fails."""
    useradd = shutil.which("useradd")
    if useradd is None:
        return None
    subprocess.run(  # noqa: S603 - fixed arguments
        [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name], check=False
    )
    return find_account(name)
