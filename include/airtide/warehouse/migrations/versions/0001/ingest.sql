-- How data came in: what was planned, landed, lost and refused. Offsets are those of Kafka, ranges [start, end).
CREATE SCHEMA ingest;

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
