-- One row per platform and begun day of the zones given, between two dates and, when it is told, with this end, in time
-- order; sealed are those with hours whose samples or states have begun to expire; reads only.
SELECT
    policy.platform::TEXT AS platform,
    calendar.zone,
    calendar.day,
    calendar.starts_at,
    calendar.ends_at,
    calendar.starts_at - INTERVAL '1 hour'
    < %(now)s::TIMESTAMPTZ - LEAST(policy.raw_age, policy.statistics_age) AS is_sealed
FROM trends.zone_day AS calendar
CROSS JOIN policy.platform_policy AS policy
WHERE
    policy.platform = ANY(%(platforms)s::live.platform[])
    AND calendar.zone = ANY(%(zones)s::TEXT[])
    AND calendar.day >= %(first_day)s::DATE
    AND calendar.day <= %(last_day)s::DATE
    AND calendar.starts_at <= %(now)s::TIMESTAMPTZ
    AND (%(ends_at)s::TIMESTAMPTZ IS NULL OR calendar.ends_at = %(ends_at)s::TIMESTAMPTZ)
ORDER BY
    calendar.day,
    policy.platform,
    calendar.zone
