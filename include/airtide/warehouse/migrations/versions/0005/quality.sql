-- What was observed of each hour of a platform, and whether it lies within the bounds it was judged by; judged again, the
-- newest rows stay. An hour has no row of a check that says nothing of it.
CREATE TABLE trends.quality_check (
    platform live.platform NOT NULL,
    hour TIMESTAMPTZ NOT NULL,
    check_name TEXT NOT NULL,
    severity TEXT NOT NULL CHECK (severity IN ('warn', 'block')),
    observed DOUBLE PRECISION NOT NULL,
    least DOUBLE PRECISION,
    most DOUBLE PRECISION,
    passed BOOLEAN NOT NULL GENERATED ALWAYS AS (
        COALESCE(observed >= least, TRUE) AND COALESCE(observed <= most, TRUE)
    ) STORED,
    checked_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (platform, hour, check_name)
);
COMMENT ON COLUMN trends.quality_check.severity IS 'block: a day with this hour is not published as final while it fails';
CREATE INDEX quality_check_failed ON trends.quality_check (hour) WHERE NOT passed;
GRANT INSERT, UPDATE, DELETE ON trends.quality_check TO airtide_rollup;

-- Days of which a platform's numbers must not be taken as final, and the checks that say so.
CREATE VIEW trends.blocked_day AS
SELECT
    zone_day.zone,
    zone_day.day,
    failed.platform,
    ARRAY_AGG(DISTINCT failed.check_name ORDER BY failed.check_name) AS check_names,
    COUNT(DISTINCT failed.hour) AS hours
FROM trends.quality_check AS failed
INNER JOIN trends.zone_day AS zone_day
    ON failed.hour >= zone_day.starts_at
    AND failed.hour < zone_day.ends_at
WHERE
    NOT failed.passed
    AND failed.severity = 'block'
GROUP BY
    zone_day.zone,
    zone_day.day,
    failed.platform;
