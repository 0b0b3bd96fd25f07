-- One row: the oldest version of the definitions among the states of one platform in the hours of a day, the one before and
-- the one after it, NULL where there are none; reads only. The states of an hour are replaced together: any of them tells, and the
-- first by key is found at once.
SELECT MIN(computed.definitions_version) AS definitions_version
FROM GENERATE_SERIES(
    %(starts_at)s::TIMESTAMPTZ - INTERVAL '1 hour', %(ends_at)s::TIMESTAMPTZ, INTERVAL '1 hour'
) AS near (hour)
CROSS JOIN LATERAL (
    SELECT state.definitions_version
    FROM trends.broadcast_hour AS state
    WHERE
        state.platform = %(platform)s::live.platform
        AND state.hour = near.hour
    ORDER BY state.broadcast_key
    LIMIT 1
) AS computed
