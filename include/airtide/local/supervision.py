"""Runs the parts as children of one supervisor, which starts a part again when it ends by itself."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airtide.domain.errors import PartUnreachable
from airtide.local.home import Home, make_private_folder, refuse_foreign_owner
from airtide.local.processes import ProcessMark, end_session, find_session, is_alive
from airtide.local.program import Program, plain_environment, save_program, write_private
from airtide.local.supervisor_configuration import render_configuration

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xmlrpc.client import ServerProxy

ANSWER_WITHIN_S = 15.0
RUNNING = ("STARTING", "RUNNING", "BACKOFF")
"""States in which the supervisor holds a part up or tries to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartState:
    """What the supervisor knows of one part."""

    name: str
    state: str
    """The supervisor's word, such as RUNNING, STOPPED or FATAL."""
    pid: int | None
    since: datetime | None
    """When its process started, in UTC."""


class Supervisor:
    """The supervisor of one state folder, running or not."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._mark_file = home.run / "supervisor.json"

    def is_running(self) -> bool:
        """Tell whether it runs."""
        mark = self._read_mark()
        return mark is not None and is_alive(mark)

    def count_leftovers(self) -> int:
        """Return how many processes run that a killed supervisor left behind."""
        mark = self._read_mark()
        return 0 if mark is None or is_alive(mark) else len(find_session(mark))

    def end_leftovers(self) -> int:
        """End the processes that a killed supervisor left behind; return how many there were."""
        mark = self._read_mark()
        if mark is None or is_alive(mark):
            return 0
        ended = end_session(mark)
        self._forget()
        return ended

    def start(self, programs: Sequence[Program]) -> None:
        """Start the supervisor with all parts stopped; raises `PartUnreachable` when it does not answer."""
        for program in programs:
            save_program(program, self._home.run / f"{program.name}.json")
        make_private_folder(self._home.socket.parent)
        configuration = self._home.run / "supervisord.conf"
        write_private(configuration, render_configuration(self._home, programs))
        with self._home.log("supervisor").open("ab") as log:
            started = subprocess.run(  # noqa: S603 - the command is ours
                [sys.executable, "-m", "supervisor.supervisord", "-c", str(configuration)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=plain_environment(),
                cwd=self._home.root,
                check=False,
            )
        if started.returncode != 0:
            self._forget()
            raise PartUnreachable(f"the supervisor did not start: see {self._home.log('supervisor')}")
        write_private(self._mark_file, json.dumps(ProcessMark.of(self._await_pid()).to_dict()))

    def start_part(self, name: str) -> None:
        """Start a part that does not run; returns at once."""
        if not self.holds(name):
            with self._remote() as supervisor:
                supervisor.startProcess(name, False)

    def stop_parts(self, names: Iterable[str]) -> None:
        """Stop parts side by side and wait until they are gone; each has its own time before it is killed."""
        stopping = [name for name in names if self.holds(name)]
        with self._remote() as supervisor:
            for name in stopping:
                supervisor.stopProcess(name, False)
        while any(self.read_state(name).state in (*RUNNING, "STOPPING") for name in stopping):
            time.sleep(0.1)

    def shut_down(self) -> None:
        """Stop every part and the supervisor, and end whatever of theirs is left."""
        mark = self._read_mark()
        if mark is None:
            return
        if is_alive(mark):
            self.stop_parts([state.name for state in self.read_states()])
            with self._remote() as supervisor:
                supervisor.shutdown()
            deadline = time.monotonic() + ANSWER_WITHIN_S
            while is_alive(mark) and time.monotonic() < deadline:
                time.sleep(0.05)
        end_session(mark)
        self._forget()

    def read_states(self) -> list[PartState]:
        """Return the state of every part; none when the supervisor does not run."""
        if not self.is_running():
            return []
        with self._remote() as supervisor:
            told: Any = supervisor.getAllProcessInfo()
        return [to_state(info) for info in told]

    def read_state(self, name: str) -> PartState:
        """Return the state of one part."""
        with self._remote() as supervisor:
            return to_state(supervisor.getProcessInfo(name))

    def holds(self, name: str) -> bool:
        """Tell whether the part runs or is being started."""
        return self.read_state(name).state in RUNNING

    def _await_pid(self) -> int:
        """Return the process id of the supervisor, which has just gone to the background with a session of its own."""
        deadline = time.monotonic() + ANSWER_WITHIN_S
        while True:
            try:
                with self._remote() as supervisor:
                    pid: Any = supervisor.getPID()
                return int(pid)
            except PartUnreachable:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.05)

    @contextmanager
    def _remote(self) -> Iterator[ServerProxy]:
        from xmlrpc.client import Fault, ServerProxy

        from supervisor.xmlrpc import SupervisorTransport

        transport = SupervisorTransport(None, None, f"unix://{self._home.socket}")
        try:
            # in the temporary folder anybody may have put one under this name
            refuse_foreign_owner(self._home.socket.parent)
            # the address is not used: the transport speaks to the socket
            yield ServerProxy("http://127.0.0.1", transport=transport).supervisor  # type: ignore[misc]
        except OSError as error:
            raise PartUnreachable(f"the supervisor does not answer on {self._home.socket}: {error}") from error
        except Fault as error:
            raise PartUnreachable(f"the supervisor refused: {error.faultString}") from error
        finally:
            transport.close()

    def _forget(self) -> None:
        """Take away what tells of a supervisor that is gone, and the folder that only its socket was in."""
        self._mark_file.unlink(missing_ok=True)
        if self._home.socket.parent != self._home.run:
            shutil.rmtree(self._home.socket.parent, ignore_errors=True)

    def _read_mark(self) -> ProcessMark | None:
        if not self._mark_file.exists():
            return None
        return ProcessMark(**json.loads(self._mark_file.read_text(encoding="utf-8")))


def to_state(info: Any) -> PartState:
    """Return what the supervisor told of one process."""
    return PartState(
        name=info["name"],
        state=info["statename"],
        pid=info["pid"] or None,
        since=datetime.fromtimestamp(info["start"], UTC) if info["pid"] else None,
    )
