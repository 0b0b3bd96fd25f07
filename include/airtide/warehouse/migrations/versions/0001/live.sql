-- What is known of broadcasts. Times are TIMESTAMPTZ in UTC, here and in every other schema.
CREATE SCHEMA live;

CREATE TYPE live.platform AS ENUM ('youtube', 'twitch', 'soop', 'chzzk', 'kick');

CREATE TABLE live.channel (
    channel_key BIGINT PRIMARY KEY,
    platform live.platform NOT NULL,
    channel_id TEXT NOT NULL,
    handle TEXT,
    name TEXT,
    observed_at TIMESTAMPTZ NOT NULL,
    UNIQUE (platform, channel_id)
);

CREATE TABLE live.category (
    category_key BIGINT PRIMARY KEY,
    platform live.platform NOT NULL,
    category_id TEXT NOT NULL,
    name TEXT,
    observed_at TIMESTAMPTZ NOT NULL,
    UNIQUE (platform, category_id)
);

CREATE TABLE live.broadcast (
    broadcast_key BIGINT PRIMARY KEY,
    platform live.platform NOT NULL,
    broadcast_id TEXT NOT NULL,
    channel_key BIGINT NOT NULL,
    started_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    ended_by TEXT CHECK (ended_by IN ('site', 'absence', 'silence')),
    first_sampled_at TIMESTAMPTZ,
    last_sampled_at TIMESTAMPTZ,
    UNIQUE (platform, broadcast_id)
) WITH (fillfactor = 60);
-- Every landing moves last_sampled_at of all that is live: free room and a BRIN index keep these updates in place, where
-- a btree would write every index of the row again.
CREATE INDEX broadcast_by_last_sample ON live.broadcast USING brin (last_sampled_at)
    WITH (pages_per_range = 16, autosummarize = on);
CREATE INDEX broadcast_by_channel ON live.broadcast (channel_key);

CREATE TABLE live.broadcast_detail (
    detail_key BIGINT PRIMARY KEY,
    broadcast_key BIGINT NOT NULL,
    observed_from TIMESTAMPTZ NOT NULL,
    title TEXT,
    category_key BIGINT NOT NULL,
    language TEXT,
    thumbnail_url TEXT,
    watch_url TEXT,
    tags TEXT[] NOT NULL,
    is_mature BOOLEAN
);
CREATE INDEX broadcast_detail_by_broadcast ON live.broadcast_detail (broadcast_key);

-- The order of the key keeps a sorted batch at the right edge of the index; no other index while a partition is open.
CREATE TABLE live.sample (
    sampled_at TIMESTAMPTZ NOT NULL,
    broadcast_key BIGINT NOT NULL,
    detail_key BIGINT NOT NULL,
    platform live.platform NOT NULL,
    viewers INTEGER CHECK (viewers >= 0),
    cadence_s INTEGER NOT NULL CHECK (cadence_s BETWEEN 1 AND 1800),
    CONSTRAINT sample_pkey PRIMARY KEY (platform, sampled_at, broadcast_key)
) PARTITION BY LIST (platform);

CREATE TABLE live.sample_youtube PARTITION OF live.sample FOR VALUES IN ('youtube') PARTITION BY RANGE (sampled_at);
CREATE TABLE live.sample_twitch PARTITION OF live.sample FOR VALUES IN ('twitch') PARTITION BY RANGE (sampled_at);
CREATE TABLE live.sample_soop PARTITION OF live.sample FOR VALUES IN ('soop') PARTITION BY RANGE (sampled_at);
CREATE TABLE live.sample_chzzk PARTITION OF live.sample FOR VALUES IN ('chzzk') PARTITION BY RANGE (sampled_at);
CREATE TABLE live.sample_kick PARTITION OF live.sample FOR VALUES IN ('kick') PARTITION BY RANGE (sampled_at);
