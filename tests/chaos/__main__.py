"""Plays the whole crash matrix: `python -m tests.chaos`."""

from __future__ import annotations

import signal
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from tests.chaos.cases import ALL, Case
from tests.chaos.matrix import Verdict, play
from tests.chaos.parts import landing_parts
from tests.chaos.report import render_table, write_verdicts
from tests.lakes import s3_lake
from tests.services import WarehouseMaker, running_kafka, running_lake, running_postgres

from airtide.domain.models import Platform
from airtide.local.home import Home, open_home
from airtide.settings import load_settings

FILE_NAME = "chaos.json"

Player = Callable[[Case], Verdict]


def main(verdicts: Iterable[Verdict], folder: Path) -> int:
    """Take verdicts as they come, show and write them; return 1 when one is not whole, or there is none."""
    taken: list[Verdict] = []
    for verdict in verdicts:
        taken.append(verdict)
        told = f"{len(taken)}: {verdict.point}, {verdict.kind}, {verdict.order}, batch {verdict.batch}"
        print(f"{told}: {verdict.verdict} ({verdict.seconds} s)", file=sys.stderr, flush=True)
    write_verdicts(folder / FILE_NAME, taken)
    console = Console()
    console.print(render_table(taken))
    whole, kills = sum(verdict.whole for verdict in taken), sum(verdict.kills for verdict in taken)
    console.print(f"{len(taken)} cases, {kills} processes killed, {whole} whole")
    return 0 if taken and whole == len(taken) else 1


@contextmanager
def prepared() -> Iterator[Player]:
    """Start the parts; yields what plays a case on a warehouse and a bucket of its own."""
    with tempfile.TemporaryDirectory(prefix="airtide-chaos-") as folder:
        home = Home(Path(folder).resolve())
        with running_kafka(home) as kafka, running_postgres(home) as postgres, running_lake(home) as lake_server:
            maker = WarehouseMaker(postgres)

            def play_case(case: Case) -> Verdict:
                with (
                    maker.warehouse() as warehouse,
                    landing_parts(Platform.CHZZK, kafka, warehouse, s3_lake(lake_server.endpoint_url)) as parts,
                ):
                    return play(case, parts)

            yield play_case


def play_all(cases: Sequence[Case]) -> Iterator[Verdict]:
    """Play one case after another."""
    with prepared() as play_case:
        for case in cases:
            yield play_case(case)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the parts are stopped then, too
    sys.exit(main(play_all(ALL), open_home(load_settings().local.home).root))
