"""Collecting: what sweeps and parsers cost. One module a topic, each with its list of measures."""

from tests.benchmarks.collect import parsing, sweeps, youtube

MEASURES = (*sweeps.MEASURES, *parsing.MEASURES, *youtube.MEASURES)
