"""YouTube: broadcasts are found by search and asked for by id."""
