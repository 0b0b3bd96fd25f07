-- One row per platform and category with rows in the days of a zone from the first to the last one given, the most
-- watched first; reads only. No category is told as key 0, without a name.
WITH totals AS (
    SELECT
        platform,
        category_key,
        COUNT(*) AS days,
        SUM(airtime_ms) AS airtime_ms,
        SUM(known_airtime_ms) AS known_airtime_ms,
        SUM(viewer_ms) AS viewer_ms,
        MAX(peak_viewers) AS peak_viewers,
        (ARRAY_AGG(peak_at ORDER BY peak_viewers DESC NULLS LAST, peak_at))[1] AS peak_at,
        MAX(peak_concurrent) AS peak_concurrent,
        (ARRAY_AGG(peak_concurrent_at ORDER BY peak_concurrent DESC NULLS LAST, peak_concurrent_at))[1]
            AS peak_concurrent_at
    FROM trends.category_day
    WHERE
        zone = %(zone)s
        AND day BETWEEN %(first_day)s::DATE AND %(last_day)s::DATE
        AND platform = ANY(%(platforms)s::live.platform[])
    GROUP BY
        platform,
        category_key
)
SELECT
    totals.platform::TEXT AS platform,
    totals.category_key,
    category.name AS category_name,
    totals.days,
    totals.viewer_ms::DOUBLE PRECISION / 3600000 AS hours_watched,
    totals.viewer_ms::DOUBLE PRECISION / NULLIF(totals.known_airtime_ms, 0) AS average_viewers,
    totals.peak_viewers,
    totals.peak_at,
    totals.peak_concurrent,
    totals.peak_concurrent_at,
    totals.airtime_ms::DOUBLE PRECISION / 3600000 AS airtime_hours,
    totals.known_airtime_ms::DOUBLE PRECISION / NULLIF(totals.airtime_ms, 0) AS known_share
FROM totals
LEFT JOIN live.category AS category ON category.category_key = totals.category_key
ORDER BY
    totals.viewer_ms DESC,
    totals.platform,
    totals.category_key
LIMIT %(limit)s;
