-- What the samples add up to. Spans are BIGINT milliseconds, viewer_ms viewers times milliseconds.
CREATE SCHEMA trends;

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
