"""Every suite by its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.benchmarks import collect, land, pictures, trends
from tests.benchmarks.measures import Measure

SUITES: Mapping[str, Sequence[Measure]] = {
    "collect": collect.MEASURES,
    "land": land.MEASURES,
    "pictures": pictures.MEASURES,
    "trends": trends.MEASURES,
}
