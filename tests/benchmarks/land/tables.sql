-- One row a sample in both; a heap without a key is the floor of what writing rows costs.
CREATE SCHEMA bench;
CREATE TABLE bench.wide (
    platform TEXT NOT NULL,
    broadcast_id TEXT NOT NULL,
    sampled_at TIMESTAMPTZ NOT NULL,
    fetched_at TIMESTAMPTZ NOT NULL,
    viewers INTEGER,
    cadence_s INTEGER NOT NULL,
    channel_id TEXT NOT NULL,
    channel_name TEXT,
    title TEXT,
    category_id TEXT,
    category_name TEXT,
    language TEXT,
    started_at TIMESTAMPTZ,
    thumbnail_url TEXT,
    is_mature BOOLEAN,
    tags TEXT
);
CREATE TABLE bench.heap (LIKE bench.wide);
