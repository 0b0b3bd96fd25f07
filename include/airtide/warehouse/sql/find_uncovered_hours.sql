-- The hours that no day of the calendar holds; reads only.
SELECT hour
FROM UNNEST(%(hours)s::TIMESTAMPTZ[]) AS hour
WHERE NOT EXISTS (
    SELECT FROM trends.zone_day
    WHERE zone_day.starts_at <= hour
        AND zone_day.ends_at > hour
)
