-- One row per day of one zone; a re-run changes only days whose bounds differ. A day that comes new or changed into the
-- calendar is marked for every platform that has broadcasts in it: what landed before could not mark it.
WITH written AS (
    INSERT INTO trends.zone_day AS kept (
        zone,
        day,
        starts_at,
        ends_at
    )
    SELECT
        %(zone)s,
        day,
        starts_at,
        ends_at
    FROM UNNEST(
        %(days)s::DATE[],
        %(starts_at)s::TIMESTAMPTZ[],
        %(ends_at)s::TIMESTAMPTZ[]
    ) AS told (day, starts_at, ends_at)
    ON CONFLICT (zone, day) DO UPDATE SET
        starts_at = EXCLUDED.starts_at,
        ends_at = EXCLUDED.ends_at
    WHERE (kept.starts_at, kept.ends_at) IS DISTINCT FROM (EXCLUDED.starts_at, EXCLUDED.ends_at)
    RETURNING
        zone,
        day,
        starts_at,
        ends_at
),
-- GREATEST passes over NULL, so that the last sample stands in where the site told no end
broadcasts AS (
    SELECT
        platform,
        first_sampled_at - INTERVAL '1 hour' AS from_at,
        GREATEST(last_sampled_at, CASE WHEN ended_by = 'site' THEN ended_at END) + INTERVAL '1 hour' AS until_at
    FROM live.broadcast
)
INSERT INTO trends.dirty_day (
    platform,
    zone,
    day
)
SELECT DISTINCT
    broadcasts.platform,
    written.zone,
    written.day
FROM written
INNER JOIN broadcasts
    ON broadcasts.from_at < written.ends_at
    AND broadcasts.until_at > written.starts_at
