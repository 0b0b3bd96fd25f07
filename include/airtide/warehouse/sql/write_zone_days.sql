-- One row per day of one zone; a re-run changes only days whose bounds differ.
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
