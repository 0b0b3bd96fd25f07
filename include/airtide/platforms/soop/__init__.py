"""SOOP: numbered pages over everything live, ordered by viewers."""
