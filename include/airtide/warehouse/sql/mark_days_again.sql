-- Marks days to be computed again: their hours with states, the hours beside them without, and every day of any zone that
-- these hours reach into, unless its hours have begun to be sealed; marked again, all is still computed once.
WITH asked AS (
    SELECT
        platform,
        starts_at,
        ends_at
    FROM UNNEST(
        %(platforms)s::live.platform[],
        %(starts_at)s::TIMESTAMPTZ[],
        %(ends_at)s::TIMESTAMPTZ[]
    ) AS told (platform, starts_at, ends_at)
),
marked_hours AS (
    INSERT INTO trends.dirty_hour (platform, hour, with_state)
    SELECT
        asked.platform,
        hour,
        BOOL_OR(hour >= asked.starts_at AND hour < asked.ends_at)
    FROM asked
    CROSS JOIN GENERATE_SERIES(
        asked.starts_at - INTERVAL '1 hour', asked.ends_at, INTERVAL '1 hour'
    ) AS hour
    GROUP BY
        asked.platform,
        hour
)
INSERT INTO trends.dirty_day (platform, zone, day)
SELECT DISTINCT
    asked.platform,
    calendar.zone,
    calendar.day
FROM asked
INNER JOIN policy.platform_policy AS policy
    ON policy.platform = asked.platform
INNER JOIN trends.zone_day AS calendar
    ON calendar.starts_at <= asked.ends_at
    AND calendar.ends_at >= asked.starts_at
    AND calendar.starts_at - INTERVAL '1 hour'
    >= %(now)s::TIMESTAMPTZ - LEAST(policy.raw_age, policy.statistics_age)
