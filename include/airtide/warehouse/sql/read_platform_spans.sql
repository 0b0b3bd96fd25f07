-- One row per platform with rows in the days of a zone from the first to the last one given; reads only.
-- A channel counts once, and the largest channels are those of all these days together.
WITH channels AS (
    SELECT
        platform,
        channel_key,
        SUM(samples) AS samples,
        SUM(viewer_ms)::BIGINT AS viewer_ms
    FROM trends.channel_day
    WHERE
        zone = %(zone)s
        AND day BETWEEN %(first_day)s::DATE AND %(last_day)s::DATE
        AND platform = ANY(%(platforms)s::live.platform[])
    GROUP BY
        platform,
        channel_key
),
ranked AS (
    SELECT
        platform,
        samples,
        viewer_ms,
        ROW_NUMBER() OVER (PARTITION BY platform ORDER BY viewer_ms DESC) AS place
    FROM channels
),
held AS (
    SELECT
        platform,
        COUNT(*) FILTER (WHERE samples > 0) AS active_channels,
        SUM(viewer_ms) FILTER (WHERE place <= 10) AS top_10_viewer_ms,
        SUM(viewer_ms) FILTER (WHERE place <= 100) AS top_100_viewer_ms
    FROM ranked
    GROUP BY platform
),
totals AS (
    SELECT
        platform,
        COUNT(*) AS days,
        SUM(airtime_ms) AS airtime_ms,
        SUM(known_airtime_ms) AS known_airtime_ms,
        SUM(live_ms) AS live_ms,
        SUM(viewer_ms) AS viewer_ms,
        MAX(peak_viewers) AS peak_viewers,
        (ARRAY_AGG(peak_at ORDER BY peak_viewers DESC NULLS LAST, peak_at))[1] AS peak_at,
        MAX(peak_concurrent) AS peak_concurrent,
        (ARRAY_AGG(peak_concurrent_at ORDER BY peak_concurrent DESC NULLS LAST, peak_concurrent_at))[1]
            AS peak_concurrent_at
    FROM trends.platform_day
    WHERE
        zone = %(zone)s
        AND day BETWEEN %(first_day)s::DATE AND %(last_day)s::DATE
        AND platform = ANY(%(platforms)s::live.platform[])
    GROUP BY platform
)
SELECT
    totals.platform::TEXT AS platform,
    totals.days,
    held.active_channels,
    totals.viewer_ms::DOUBLE PRECISION / 3600000 AS hours_watched,
    totals.viewer_ms::DOUBLE PRECISION / NULLIF(totals.known_airtime_ms, 0) AS average_viewers,
    totals.peak_viewers,
    totals.peak_at,
    totals.peak_concurrent,
    totals.peak_concurrent_at,
    totals.airtime_ms::DOUBLE PRECISION / 3600000 AS airtime_hours,
    totals.airtime_ms::DOUBLE PRECISION / NULLIF(totals.live_ms, 0) AS coverage,
    totals.known_airtime_ms::DOUBLE PRECISION / NULLIF(totals.airtime_ms, 0) AS known_share,
    held.top_10_viewer_ms::DOUBLE PRECISION / NULLIF(totals.viewer_ms, 0) AS top_10_share,
    held.top_100_viewer_ms::DOUBLE PRECISION / NULLIF(totals.viewer_ms, 0) AS top_100_share
FROM totals
INNER JOIN held USING (platform)
ORDER BY totals.platform;
