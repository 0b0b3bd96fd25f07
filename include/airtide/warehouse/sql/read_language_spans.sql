-- One row per platform and language with rows in the days of a zone from the first to the last one given, the most
-- watched first; reads only. An empty language means that none was told.
WITH totals AS (
    SELECT
        platform,
        language,
        COUNT(*) AS days,
        SUM(airtime_ms) AS airtime_ms,
        SUM(known_airtime_ms) AS known_airtime_ms,
        SUM(live_ms) AS live_ms,
        SUM(viewer_ms) AS viewer_ms,
        MAX(peak_viewers) AS peak_viewers,
        (ARRAY_AGG(peak_at ORDER BY peak_viewers DESC NULLS LAST, peak_at))[1] AS peak_at
    FROM trends.language_day
    WHERE
        zone = %(zone)s
        AND day BETWEEN %(first_day)s::DATE AND %(last_day)s::DATE
        AND platform = ANY(%(platforms)s::live.platform[])
    GROUP BY
        platform,
        language
)
SELECT
    totals.platform::TEXT AS platform,
    totals.language,
    totals.days,
    totals.viewer_ms::DOUBLE PRECISION / 3600000 AS hours_watched,
    totals.viewer_ms::DOUBLE PRECISION / NULLIF(totals.known_airtime_ms, 0) AS average_viewers,
    totals.peak_viewers,
    totals.peak_at,
    totals.airtime_ms::DOUBLE PRECISION / 3600000 AS airtime_hours,
    totals.airtime_ms::DOUBLE PRECISION / NULLIF(totals.live_ms, 0) AS coverage,
    totals.known_airtime_ms::DOUBLE PRECISION / NULLIF(totals.airtime_ms, 0) AS known_share
FROM totals
ORDER BY
    totals.viewer_ms DESC,
    totals.platform,
    totals.language
LIMIT %(limit)s;
