"""Benchmarks: figures with targets, on real services that they start themselves; `make bench`."""
