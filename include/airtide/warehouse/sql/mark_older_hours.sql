-- Marks the hours that stale days are merged from and whose states were computed under another version of the definitions,
-- unless their samples have begun to expire. The states of an hour are replaced together: any of them tells, and the
-- first by key is found at once.
INSERT INTO trends.dirty_hour (platform, hour, with_state)
SELECT
    asked.platform,
    asked.hour,
    TRUE
FROM (
    SELECT DISTINCT
        stale.platform,
        hour
    FROM trends.dirty_day AS stale
    INNER JOIN trends.zone_day AS calendar
        ON calendar.zone = stale.zone
        AND calendar.day = stale.day
    CROSS JOIN GENERATE_SERIES(
        calendar.starts_at - INTERVAL '1 hour', calendar.ends_at, INTERVAL '1 hour'
    ) AS hour
    WHERE %(zone)s::TEXT IS NULL OR stale.zone = %(zone)s::TEXT
) AS asked
INNER JOIN policy.platform_policy AS policy
    ON policy.platform = asked.platform
    AND asked.hour >= %(now)s::TIMESTAMPTZ - policy.raw_age
CROSS JOIN LATERAL (
    SELECT state.definitions_version
    FROM trends.broadcast_hour AS state
    WHERE
        state.platform = asked.platform
        AND state.hour = asked.hour
    ORDER BY state.broadcast_key
    LIMIT 1
) AS computed
WHERE computed.definitions_version <> %(definitions_version)s
