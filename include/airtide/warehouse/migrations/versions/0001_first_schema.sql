-- The first schema: what is known of broadcasts (live), how it was landed (ingest), what it adds up to (trends),
-- and how long it may be kept (policy). Times are TIMESTAMPTZ in UTC, spans BIGINT milliseconds.

CREATE SCHEMA ingest;
CREATE SCHEMA live;
CREATE SCHEMA trends;
CREATE SCHEMA policy;

CREATE TYPE live.platform AS ENUM ('youtube', 'twitch', 'soop', 'chzzk', 'kick');

-- ---------------------------------------------------------------------------------------------------------- policy

CREATE TABLE policy.store_stamp (
    only_row BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (only_row),
    kind TEXT NOT NULL CHECK (kind IN ('simulated', 'real')),
    stamped_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE policy.platform_policy (
    platform live.platform PRIMARY KEY,
    raw_age INTERVAL NOT NULL,
    text_age INTERVAL NOT NULL,
    statistics_age INTERVAL NOT NULL,
    picture_age INTERVAL NOT NULL,
    pictures TEXT NOT NULL CHECK (pictures IN ('never', 'link', 'capture')),
    in_combined_rank BOOLEAN NOT NULL,
    source_url TEXT,
    checked_on DATE
);

-- ---------------------------------------------------------------------------------------------------------- ingest

CREATE TABLE ingest.position (
    topic TEXT NOT NULL,
    topic_partition INTEGER NOT NULL,
    topic_id TEXT NOT NULL,
    first_offset BIGINT NOT NULL,
    next_offset BIGINT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (topic, topic_partition)
);
COMMENT ON COLUMN ingest.position.first_offset IS 'where landing of this topic partition began';

CREATE TABLE ingest.batch (
    batch_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    platform live.platform NOT NULL,
    ranges JSONB NOT NULL,
    topic_ids JSONB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('planned', 'landed', 'superseded')),
    planned_at TIMESTAMPTZ NOT NULL,
    landed_at TIMESTAMPTZ,
    snapshots BIGINT,
    dead_letters BIGINT,
    expired BIGINT
);
CREATE UNIQUE INDEX batch_one_planned ON ingest.batch (platform) WHERE state = 'planned';

CREATE TABLE ingest.lake_object (
    object_key TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('snapshots', 'sweeps')),
    batch_id BIGINT REFERENCES ingest.batch,
    platform live.platform NOT NULL,
    day DATE NOT NULL,
    hour SMALLINT,
    rows BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    min_sampled_at TIMESTAMPTZ NOT NULL,
    max_sampled_at TIMESTAMPTZ NOT NULL,
    retired_at TIMESTAMPTZ
);
CREATE INDEX lake_object_by_day ON ingest.lake_object (platform, day, kind);

CREATE TABLE ingest.dead_letter (
    topic TEXT NOT NULL,
    topic_id TEXT NOT NULL,
    topic_partition INTEGER NOT NULL,
    record_offset BIGINT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    headers JSONB NOT NULL,
    raw BYTEA,
    found_at TIMESTAMPTZ NOT NULL,
    replayed_at TIMESTAMPTZ,
    PRIMARY KEY (topic, topic_id, topic_partition, record_offset)
);

CREATE TABLE ingest.loss (
    loss_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic TEXT NOT NULL,
    topic_id TEXT NOT NULL,
    topic_partition INTEGER NOT NULL,
    start_offset BIGINT NOT NULL,
    end_offset BIGINT NOT NULL,
    reason TEXT NOT NULL,
    accepted_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE ingest.sweep (
    sweep_id TEXT PRIMARY KEY,
    platform live.platform NOT NULL,
    sampled_at TIMESTAMPTZ NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('complete', 'partial', 'failed')),
    scope TEXT NOT NULL CHECK (scope IN ('listing', 'by_id')),
    pages INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    snapshots INTEGER NOT NULL,
    duplicates INTEGER NOT NULL,
    rejects INTEGER NOT NULL,
    absent TEXT[] NOT NULL,
    spend JSONB NOT NULL,
    error TEXT,
    end_offsets JSONB NOT NULL,
    landed_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX sweep_by_tick ON ingest.sweep (platform, sampled_at);

CREATE TABLE ingest.candidate (
    platform live.platform NOT NULL,
    broadcast_id TEXT NOT NULL,
    next_due_at TIMESTAMPTZ NOT NULL,
    volatility DOUBLE PRECISION NOT NULL DEFAULT 0,
    last_asked_at TIMESTAMPTZ,
    last_seen_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    PRIMARY KEY (platform, broadcast_id)
);

-- ------------------------------------------------------------------------------------------------------------ live

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

-- ---------------------------------------------------------------------------------------------------------- trends

CREATE TABLE trends.zone_day (
    zone TEXT NOT NULL,
    day DATE NOT NULL,
    starts_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (zone, day),
    CHECK (ends_at > starts_at)
);
CREATE INDEX zone_day_by_start ON trends.zone_day (starts_at);

CREATE TABLE trends.broadcast_hour (
    platform live.platform NOT NULL,
    hour TIMESTAMPTZ NOT NULL,
    broadcast_key BIGINT NOT NULL,
    category_key BIGINT NOT NULL,
    samples INTEGER NOT NULL,
    known_samples INTEGER NOT NULL,
    airtime_ms BIGINT NOT NULL,
    known_airtime_ms BIGINT NOT NULL,
    viewer_ms BIGINT NOT NULL,
    peak_viewers INTEGER,
    peak_at TIMESTAMPTZ,
    first_at TIMESTAMPTZ NOT NULL,
    first_viewers INTEGER,
    first_cadence_s INTEGER NOT NULL,
    first_language TEXT NOT NULL,
    last_at TIMESTAMPTZ NOT NULL,
    last_viewers INTEGER,
    last_cadence_s INTEGER NOT NULL,
    last_language TEXT NOT NULL,
    computed_at TIMESTAMPTZ NOT NULL,
    revision INTEGER NOT NULL,
    definitions_version INTEGER NOT NULL,
    PRIMARY KEY (platform, hour, broadcast_key, category_key)
);

CREATE TABLE trends.platform_hour (
    platform live.platform NOT NULL,
    hour TIMESTAMPTZ NOT NULL,
    broadcasts INTEGER NOT NULL,
    active_channels INTEGER NOT NULL,
    samples INTEGER NOT NULL,
    known_samples INTEGER NOT NULL,
    airtime_ms BIGINT NOT NULL,
    known_airtime_ms BIGINT NOT NULL,
    viewer_ms BIGINT NOT NULL,
    peak_viewers INTEGER,
    peak_at TIMESTAMPTZ,
    peak_concurrent BIGINT,
    peak_concurrent_at TIMESTAMPTZ,
    peak_concurrent_hidden INTEGER,
    computed_at TIMESTAMPTZ NOT NULL,
    revision INTEGER NOT NULL,
    definitions_version INTEGER NOT NULL,
    PRIMARY KEY (platform, hour)
);

CREATE TABLE trends.broadcast_day (
    zone TEXT NOT NULL,
    day DATE NOT NULL,
    platform live.platform NOT NULL,
    broadcast_key BIGINT NOT NULL,
    channel_key BIGINT NOT NULL,
    language TEXT NOT NULL,
    samples INTEGER NOT NULL,
    known_samples INTEGER NOT NULL,
    airtime_ms BIGINT NOT NULL,
    known_airtime_ms BIGINT NOT NULL,
    live_ms BIGINT NOT NULL,
    viewer_ms BIGINT NOT NULL,
    peak_viewers INTEGER,
    peak_at TIMESTAMPTZ,
    computed_at TIMESTAMPTZ NOT NULL,
    revision INTEGER NOT NULL,
    definitions_version INTEGER NOT NULL,
    PRIMARY KEY (zone, day, platform, broadcast_key)
);
CREATE INDEX broadcast_day_by_channel ON trends.broadcast_day (channel_key, zone, day);

CREATE TABLE trends.channel_day (
    zone TEXT NOT NULL,
    day DATE NOT NULL,
    platform live.platform NOT NULL,
    channel_key BIGINT NOT NULL,
    broadcasts INTEGER NOT NULL,
    samples INTEGER NOT NULL,
    known_samples INTEGER NOT NULL,
    airtime_ms BIGINT NOT NULL,
    known_airtime_ms BIGINT NOT NULL,
    live_ms BIGINT NOT NULL,
    viewer_ms BIGINT NOT NULL,
    peak_viewers INTEGER,
    peak_at TIMESTAMPTZ,
    computed_at TIMESTAMPTZ NOT NULL,
    revision INTEGER NOT NULL,
    definitions_version INTEGER NOT NULL,
    PRIMARY KEY (zone, day, platform, channel_key)
);
CREATE INDEX channel_day_by_channel ON trends.channel_day (channel_key, zone, day);

CREATE TABLE trends.platform_day (
    zone TEXT NOT NULL,
    day DATE NOT NULL,
    platform live.platform NOT NULL,
    broadcasts INTEGER NOT NULL,
    active_channels INTEGER NOT NULL,
    samples INTEGER NOT NULL,
    known_samples INTEGER NOT NULL,
    airtime_ms BIGINT NOT NULL,
    known_airtime_ms BIGINT NOT NULL,
    live_ms BIGINT NOT NULL,
    viewer_ms BIGINT NOT NULL,
    peak_viewers INTEGER,
    peak_at TIMESTAMPTZ,
    peak_concurrent BIGINT,
    peak_concurrent_at TIMESTAMPTZ,
    peak_concurrent_hidden INTEGER,
    computed_at TIMESTAMPTZ NOT NULL,
    revision INTEGER NOT NULL,
    definitions_version INTEGER NOT NULL,
    PRIMARY KEY (zone, day, platform)
);

-- Append-only: a landing adds what it made stale, a roll-up deletes exactly the rows it read.
CREATE TABLE trends.dirty_hour (
    dirty_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    platform live.platform NOT NULL,
    hour TIMESTAMPTZ NOT NULL,
    with_state BOOLEAN NOT NULL,
    batch_id BIGINT
);

CREATE TABLE trends.dirty_day (
    dirty_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    platform live.platform NOT NULL,
    zone TEXT NOT NULL,
    day DATE NOT NULL,
    batch_id BIGINT
);

-- ------------------------------------------------------------------------------------------------------- privileges

-- Makes room in live.sample for one platform's samples of [from_at, to_at): one leaf where nothing is in the way, else a
-- leaf for every whole hour that no leaf covers yet (a platform may have gone from days to hours or back). CREATE LIKE +
-- ATTACH does not wait for running COPYs as a plain PARTITION OF would; the advisory lock makes two landings take turns.
CREATE FUNCTION live.ensure_sample_partition(of_platform live.platform, from_at TIMESTAMPTZ, to_at TIMESTAMPTZ)
RETURNS VOID
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog
SET timezone = 'UTC'
AS $$
DECLARE
    covered TSTZMULTIRANGE;
    missing TSTZRANGE;
    leaf TEXT;
BEGIN
    IF from_at <> date_trunc('hour', from_at) OR to_at <> date_trunc('hour', to_at)
        OR to_at <= from_at OR to_at > from_at + INTERVAL '1 day' THEN
        RAISE EXCEPTION 'a leaf of live.sample holds whole hours of at most a day, not % to %', from_at, to_at;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('live.sample'), hashtext(of_platform::TEXT));
    SELECT coalesce(range_agg(tstzrange(bounds[1]::TIMESTAMPTZ, bounds[2]::TIMESTAMPTZ)), '{}')
    INTO covered
    FROM pg_inherits
    JOIN pg_class ON pg_class.oid = inhrelid
    CROSS JOIN regexp_match(pg_get_expr(relpartbound, inhrelid), $re$FROM \('(.*)'\) TO \('(.*)'\)$re$) AS bounds
    WHERE inhparent = format('live.%I', 'sample_' || of_platform)::REGCLASS;
    IF covered @> tstzrange(from_at, to_at) THEN
        RETURN;
    END IF;
    FOR missing IN
        SELECT whole FROM (SELECT tstzrange(from_at, to_at) AS whole) AS wanted WHERE NOT covered && whole
        UNION ALL
        SELECT hour
        FROM (
            SELECT tstzrange(starts_at, starts_at + INTERVAL '1 hour') AS hour
            FROM generate_series(from_at, to_at - INTERVAL '1 hour', INTERVAL '1 hour') AS starts_at
        ) AS hours
        WHERE covered && tstzrange(from_at, to_at) AND NOT covered && hour
    LOOP
        leaf := 'sample_' || of_platform || to_char(lower(missing), '_YYYYMMDDHH24')
            || to_char(upper(missing), '_YYYYMMDDHH24');
        EXECUTE format('CREATE TABLE live.%I (LIKE live.sample INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', leaf);
        EXECUTE format(
            'ALTER TABLE live.%I ADD CONSTRAINT %I PRIMARY KEY (platform, sampled_at, broadcast_key)', leaf, leaf || '_pkey'
        );
        EXECUTE format(
            'ALTER TABLE live.%I ATTACH PARTITION live.%I FOR VALUES FROM (%L) TO (%L)',
            'sample_' || of_platform, leaf, lower(missing), upper(missing)
        );
    END LOOP;
END
$$;
REVOKE ALL ON FUNCTION live.ensure_sample_partition FROM PUBLIC;

GRANT USAGE ON SCHEMA ingest, live, trends, policy TO airtide_ingest, airtide_rollup, airtide_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA ingest, live, trends, policy TO airtide_ingest, airtide_rollup, airtide_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA ingest, live, trends, policy
    GRANT SELECT ON TABLES TO airtide_ingest, airtide_rollup, airtide_reader;
GRANT INSERT, UPDATE ON ALL TABLES IN SCHEMA ingest, live TO airtide_ingest;
GRANT DELETE ON ingest.candidate TO airtide_ingest;
GRANT INSERT ON trends.dirty_hour, trends.dirty_day TO airtide_ingest;
GRANT EXECUTE ON FUNCTION live.ensure_sample_partition TO airtide_ingest;
GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA trends TO airtide_rollup;
GRANT INSERT, UPDATE ON trends.zone_day TO airtide_ingest;
