"""Where local mode keeps what it makes: one folder, 0700, and the names of the files in it."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from airtide.domain.errors import MisconfiguredError

CHECKOUT = Path(__file__).resolve().parents[3]
"""The folder of this checkout, which holds dags/, plugins/ and pom.xml."""

LONGEST_SOCKET_PATH = 90
"""A socket's path may have 103 bytes on every system; the supervisor adds its process id while it makes one."""


@dataclass(frozen=True, slots=True)
class Home:
    """The state folder of one local mode."""

    root: Path

    @property
    def secrets(self) -> Path:
        """Return the file of generated secrets."""
        return self.root / "secrets.json"

    @property
    def ports(self) -> Path:
        """Return the file of ports that were picked at the first start."""
        return self.root / "ports.json"

    @property
    def run(self) -> Path:
        """Return the folder of what describes running processes."""
        return self.root / "run"

    @property
    def logs(self) -> Path:
        """Return the folder of the parts' logs."""
        return self.root / "logs"

    @property
    def airflow(self) -> Path:
        """Return Airflow's home."""
        return self.root / "airflow"

    @property
    def socket(self) -> Path:
        """Return the supervisor's socket; in the temporary folder when this one's path is too long for a socket."""
        socket = self.run / "supervisor.sock"
        if len(os.fsencode(socket)) <= LONGEST_SOCKET_PATH:
            return socket
        return Path(tempfile.gettempdir()) / f"airtide-run-{self.digest()}" / "supervisor.sock"

    def digest(self) -> str:
        """Return twelve characters that tell this folder from any other of the machine."""
        return hashlib.blake2b(os.fsencode(self.root), digest_size=6).hexdigest()

    def log(self, part: str) -> Path:
        """Return the log of a part."""
        return self.logs / f"{part}.log"

    def list_logs(self) -> list[str]:
        """Return the names of the logs that are there."""
        return sorted(file.stem for file in self.logs.glob("*.log"))


def open_home(folder: Path) -> Home:
    """Return the state folder, made 0700 when it is missing; relative paths start at the checkout.

    Raises `MisconfiguredError` when it belongs to another user.
    """
    home = Home((CHECKOUT / folder).resolve())
    for path in (home.root, home.run, home.logs, home.airflow, home.socket.parent):
        make_private_folder(path)
    return home


def make_private_folder(path: Path) -> None:
    """Make `path` with its parents, readable by its owner only.

    Raises `MisconfiguredError` when it is another user's or cannot be made.
    """
    advice = "choose a folder with AIRTIDE__LOCAL__HOME"
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.is_symlink() or path.stat().st_uid != os.geteuid():
            raise MisconfiguredError(f"{path} belongs to another user: {advice}")
        path.chmod(0o700)
    except OSError as error:
        raise MisconfiguredError(f"cannot use {path}: {error.strerror}; {advice}") from error
