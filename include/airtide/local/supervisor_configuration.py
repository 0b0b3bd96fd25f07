"""The supervisor's configuration file."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from airtide.local.home import Home
from airtide.local.program import Program, launch_command

FACTORY = "supervisor.rpcinterface:make_main_rpcinterface"


def render_configuration(home: Home, programs: Sequence[Program]) -> str:
    """Return the configuration: a socket for its owner only, no secrets, no part started by itself."""
    own = {
        "logfile": str(home.log("supervisord")),
        "logfile_maxbytes": "5MB",
        "logfile_backups": "1",
        "pidfile": str(home.run / "supervisord.pid"),
        "childlogdir": str(home.logs),
        "umask": "077",
        "identifier": "airtide",
    }
    rendered = [
        ("unix_http_server", {"file": str(home.socket), "chmod": "0700"}),
        ("supervisord", own),
        ("rpcinterface:supervisor", {"supervisor.rpcinterface_factory": FACTORY}),
        *(program_section(home, program) for program in programs),
    ]
    return "\n".join(
        f"[{name}]\n" + "".join(f"{key}={value.replace('%', '%%')}\n" for key, value in values.items())
        for name, values in rendered
    )


def program_section(home: Home, program: Program) -> tuple[str, dict[str, str]]:
    """Return the supervisor's section of one part: its whole process group is stopped and killed together."""
    return f"program:{program.name}", {
        "command": shlex.join(launch_command(home.run / f"{program.name}.json")),
        "directory": str(home.root),
        "autostart": "false",
        "autorestart": "true",
        "startsecs": "1",
        "startretries": "10",
        "stopsignal": program.stop_signal,
        "stopwaitsecs": str(program.stop_wait_s),
        "stopasgroup": "true",
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": str(home.log(program.name)),
        "stdout_logfile_maxbytes": "10MB",
        "stdout_logfile_backups": "1",
    }
