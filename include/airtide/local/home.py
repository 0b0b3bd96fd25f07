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

MARKER = ".airtide-home"
"""A file that tells local mode's folder from any other."""

BEFORE_LOCAL_MODE = frozenset({"jars", "gcs-server", "bench.json", "chaos.json"})
"""What may be in the folder before it is marked: fetched by the set-up, built by that of the tests, or measured."""

CHOOSE_FOLDER = "choose a folder with AIRTIDE__LOCAL__HOME"

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

    def read_kind(self) -> str:
        """Return what its stores hold, `simulated` or `real`; empty before they are made."""
        return (self.root / MARKER).read_text(encoding="utf-8").strip()

    def note_kind(self, kind: str) -> None:
        """Remember what its stores hold."""
        (self.root / MARKER).write_text(f"{kind}\n", encoding="utf-8")

    def log(self, part: str) -> Path:
        """Return the log of a part."""
        return self.logs / f"{part}.log"

    def list_logs(self) -> list[str]:
        """Return the names of the logs that are there."""
        return sorted(file.stem for file in self.logs.glob("*.log"))


def open_home(folder: Path) -> Home:
    """Return the state folder, made 0700 when it is missing; relative paths start at the checkout.

    Raises `MisconfiguredError` when it belongs to another user, or holds anything that local mode did not put there:
    its files are made private at every start, and removed by a reset.
    """
    home = Home((CHECKOUT / folder).resolve())
    refuse_foreign_folder(home.root)
    make_private_folder(home.root)
    (home.root / MARKER).touch(mode=0o600)
    for path in (home.run, home.logs, home.airflow):
        make_private_folder(path)
    return home


def refuse_foreign_folder(root: Path) -> None:
    """Raise `MisconfiguredError` when `root` is not marked and holds what no other command left."""
    try:
        found = {entry.name for entry in root.iterdir()} if root.exists() else set()
    except OSError as error:
        raise MisconfiguredError(f"cannot use {root}: {error.strerror}; {CHOOSE_FOLDER}") from error
    if MARKER not in found and found - BEFORE_LOCAL_MODE:
        raise MisconfiguredError(f"{root} holds files that are not Airtide's: {CHOOSE_FOLDER} that is new or empty")


def make_private_folder(path: Path) -> None:
    """Make `path` with its parents, readable by its owner only.

    Raises `MisconfiguredError` when it is another user's or cannot be made.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        refuse_foreign_owner(path)
        path.chmod(0o700)
    except OSError as error:
        raise MisconfiguredError(f"cannot use {path}: {error.strerror}; {CHOOSE_FOLDER}") from error


def refuse_foreign_owner(path: Path) -> None:
    """Raise `MisconfiguredError` when a folder is another user's or a link, `OSError` where it cannot be looked at."""
    if path.is_symlink() or path.stat().st_uid != os.geteuid():
        raise MisconfiguredError(f"{path} belongs to another user: {CHOOSE_FOLDER}")
