-- Hours and days of categories, days of languages, and what the largest channels hold of a platform's day.
CREATE TABLE trends.category_hour (
    platform live.platform NOT NULL,
    hour TIMESTAMPTZ NOT NULL,
    category_key BIGINT NOT NULL,
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
    PRIMARY KEY (platform, hour, category_key)
);

CREATE TABLE trends.category_day (
    zone TEXT NOT NULL,
    day DATE NOT NULL,
    platform live.platform NOT NULL,
    category_key BIGINT NOT NULL,
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
    PRIMARY KEY (zone, day, platform, category_key)
);
CREATE INDEX category_day_by_category ON trends.category_day (category_key, zone, day);
COMMENT ON COLUMN trends.category_day.peak_concurrent IS
    'NULL too where an hour was sealed before hours of categories were kept';

CREATE TABLE trends.language_day (
    zone TEXT NOT NULL,
    day DATE NOT NULL,
    platform live.platform NOT NULL,
    language TEXT NOT NULL,
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
    computed_at TIMESTAMPTZ NOT NULL,
    revision INTEGER NOT NULL,
    definitions_version INTEGER NOT NULL,
    PRIMARY KEY (zone, day, platform, language)
);

ALTER TABLE trends.platform_day
    ADD COLUMN top_10_viewer_ms BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN top_100_viewer_ms BIGINT NOT NULL DEFAULT 0;
COMMENT ON COLUMN trends.platform_day.top_10_viewer_ms IS 'of the 10 channels with the largest viewer_ms of the day';

GRANT SELECT ON trends.category_hour, trends.category_day, trends.language_day
    TO airtide_ingest, airtide_rollup, airtide_reader;
GRANT INSERT, UPDATE, DELETE ON trends.category_hour, trends.category_day, trends.language_day TO airtide_rollup;

-- All that is kept is rolled up once more, so that the past has its categories; marks of what is sealed change nothing.
INSERT INTO trends.dirty_hour (platform, hour, with_state)
SELECT
    platform,
    hour,
    FALSE
FROM trends.platform_hour;
INSERT INTO trends.dirty_day (platform, zone, day)
SELECT
    platform,
    zone,
    day
FROM trends.platform_day;
