"""CHZZK: everything live behind opaque cursors, ordered by viewers."""
