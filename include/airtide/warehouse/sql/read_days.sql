-- One row per day of one zone that has rollups, newest first, or the one day asked for; reads only.
-- A day stays provisional until an hour after its end, while a roll-up of it is waiting, and where a quality check blocks.
SELECT
    zone_day.day,
    zone_day.starts_at,
    zone_day.ends_at,
    MAX(platform_day.computed_at) AS computed_at,
    MIN(platform_day.definitions_version) AS definitions_version,
    zone_day.ends_at > %(now)s AS is_open,
    zone_day.ends_at + INTERVAL '1 hour' > %(now)s
    OR EXISTS (
        SELECT
        FROM trends.dirty_day AS waiting
        WHERE
            waiting.zone = zone_day.zone
            AND waiting.day = zone_day.day
    )
    OR CARDINALITY(blocked.platforms) > 0 AS is_provisional,
    blocked.platforms AS blocked_platforms
FROM trends.zone_day AS zone_day
INNER JOIN trends.platform_day AS platform_day
    ON platform_day.zone = zone_day.zone
    AND platform_day.day = zone_day.day
CROSS JOIN LATERAL (
    SELECT
        ARRAY(
            SELECT blocked_day.platform::TEXT
            FROM trends.blocked_day AS blocked_day
            WHERE
                blocked_day.zone = zone_day.zone
                AND blocked_day.day = zone_day.day
            ORDER BY blocked_day.platform
        ) AS platforms
) AS blocked
WHERE
    zone_day.zone = %(zone)s
    AND (%(day)s::DATE IS NULL OR zone_day.day = %(day)s::DATE)
GROUP BY
    zone_day.zone,
    zone_day.day,
    blocked.platforms
ORDER BY zone_day.day DESC
LIMIT %(limit)s;
