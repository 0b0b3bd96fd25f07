"""Two thousand broken pictures are refused or kept: none crashes the decoder or takes the machine's memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
SEED, COUNT = 7, 2_000
MOST_MIB = 300


def test_broken_pictures_crash_nothing_and_take_bounded_memory():
    run = subprocess.run(
        [sys.executable, "-m", "tests.properties.fuzzed_pictures", str(SEED), str(COUNT)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    outcomes = told["outcomes"]
    assert sum(outcomes.values()) == COUNT
    assert set(outcomes) == {"kept", "no_picture", "too_many_pixels"}
    assert min(outcomes.values()) >= COUNT / 100
    assert told["peak_mib"] <= MOST_MIB
