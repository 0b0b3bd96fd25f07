-- One row: the days of a zone that the calendar has from the first to the last one given, and whether the numbers of any may
-- still change; reads only. A day stays provisional until an hour after its end, while a roll-up of it is waiting, and
-- where a quality check blocks.
WITH kept AS (
    SELECT
        MAX(computed_at) AS computed_at,
        MIN(definitions_version) AS definitions_version
    FROM trends.platform_day
    WHERE
        zone = %(zone)s
        AND day BETWEEN %(first_day)s::DATE AND %(last_day)s::DATE
),
blocked AS (
    SELECT
        COALESCE(ARRAY_AGG(DISTINCT platform ORDER BY platform)::TEXT[], '{}') AS platforms
    FROM trends.blocked_day
    WHERE
        zone = %(zone)s
        AND day BETWEEN %(first_day)s::DATE AND %(last_day)s::DATE
)
SELECT
    %(first_day)s::DATE AS day,
    COUNT(zone_day.day) AS days,
    MIN(zone_day.starts_at) AS starts_at,
    MAX(zone_day.ends_at) AS ends_at,
    kept.computed_at,
    kept.definitions_version,
    COALESCE(MAX(zone_day.ends_at) > %(now)s, TRUE) AS is_open,
    COALESCE(
        BOOL_OR(
            zone_day.ends_at + INTERVAL '1 hour' > %(now)s
            OR EXISTS (
                SELECT
                FROM trends.dirty_day AS waiting
                WHERE
                    waiting.zone = zone_day.zone
                    AND waiting.day = zone_day.day
            )
        ),
        TRUE
    )
    OR CARDINALITY(blocked.platforms) > 0 AS is_provisional,
    blocked.platforms AS blocked_platforms
FROM kept
CROSS JOIN blocked
LEFT JOIN trends.zone_day AS zone_day
    ON zone_day.zone = %(zone)s
    AND zone_day.day BETWEEN %(first_day)s::DATE AND %(last_day)s::DATE
GROUP BY
    kept.computed_at,
    kept.definitions_version,
    blocked.platforms;
