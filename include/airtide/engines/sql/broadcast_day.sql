-- One row per broadcast that has a row in the day. The largest count and its earliest tick are found as one number,
-- peak_code: the count times 131,072, which is more than a day has seconds, plus the seconds from the tick to its end.
-- A power of two: taken apart again by a division that is exact even where an engine divides in floating point.
WITH inside AS (
    SELECT
        cell.broadcast_key,
        cell.at_s,
        cell.viewers,
        cell.is_first,
        cell.is_last,
        cell.starts_ms,
        cell.ends_ms,
        zone_day.ends_s AS day_ends_s,
        CASE
            WHEN cell.at_s >= zone_day.starts_s AND cell.at_s < zone_day.ends_s THEN 1
            ELSE 0
        END AS is_inside,
        CASE
            WHEN cell.ends_ms <= zone_day.starts_ms OR cell.starts_ms >= zone_day.ends_ms THEN 0
            ELSE
                CASE WHEN cell.ends_ms < zone_day.ends_ms THEN cell.ends_ms ELSE zone_day.ends_ms END
                - CASE WHEN cell.starts_ms > zone_day.starts_ms THEN cell.starts_ms ELSE zone_day.starts_ms END
        END AS inside_ms
    FROM cell
    CROSS JOIN zone_day
),
totals AS (
    SELECT
        broadcast_key,
        SUM(is_inside) AS samples,
        SUM(CASE WHEN viewers IS NULL THEN 0 ELSE is_inside END) AS known_samples,
        SUM(inside_ms) AS airtime_ms,
        SUM(CASE WHEN viewers IS NULL THEN 0 ELSE inside_ms END) AS known_airtime_ms,
        SUM(CASE WHEN viewers IS NULL THEN 0 ELSE viewers * inside_ms END) AS viewer_ms,
        MAX(CASE WHEN is_inside = 1 THEN viewers * 131072 + day_ends_s - at_s END) AS peak_code,
        MIN(CASE WHEN is_first = 1 THEN starts_ms END) AS opens_ms,
        MIN(CASE WHEN is_last = 1 THEN ends_ms END) AS closes_ms,
        MIN(CASE WHEN is_first = 1 THEN at_s END) AS first_seen_s,
        MAX(CASE WHEN at_s < day_ends_s THEN at_s END) AS latest_s
    FROM inside
    GROUP BY broadcast_key
),
-- a first or last sample that is not among these lies farther than an hour from the day: then only its side counts
bounds AS (
    SELECT
        broadcast.broadcast_key,
        broadcast.channel_key,
        broadcast.language_before,
        broadcast.last_s,
        COALESCE(totals.opens_ms, broadcast.first_s * 1000) AS rows_from_ms,
        CASE
            WHEN broadcast.started_ms IS NULL THEN COALESCE(totals.opens_ms, broadcast.first_s * 1000)
            WHEN broadcast.started_ms < broadcast.first_s * 1000 THEN broadcast.started_ms
            ELSE broadcast.first_s * 1000
        END AS live_from_ms,
        CASE
            WHEN broadcast.ended_ms IS NULL THEN COALESCE(totals.closes_ms, broadcast.last_s * 1000)
            WHEN broadcast.ended_ms > broadcast.last_s * 1000 THEN broadcast.ended_ms
            ELSE broadcast.last_s * 1000
        END AS live_until_ms,
        COALESCE(totals.samples, 0) AS samples,
        COALESCE(totals.known_samples, 0) AS known_samples,
        COALESCE(totals.airtime_ms, 0) AS airtime_ms,
        COALESCE(totals.known_airtime_ms, 0) AS known_airtime_ms,
        COALESCE(totals.viewer_ms, 0) AS viewer_ms,
        totals.peak_code,
        totals.latest_s,
        COALESCE(totals.latest_s, totals.first_seen_s) AS telling_s
    FROM broadcast
    LEFT JOIN totals
        ON totals.broadcast_key = broadcast.broadcast_key
)
SELECT
    bounds.broadcast_key,
    bounds.channel_key,
    CASE
        WHEN bounds.latest_s IS NULL THEN COALESCE(bounds.language_before, telling.language, '')
        ELSE telling.language
    END AS language,
    CAST(bounds.samples AS BIGINT) AS samples,
    CAST(bounds.known_samples AS BIGINT) AS known_samples,
    CAST(bounds.airtime_ms AS BIGINT) AS airtime_ms,
    CAST(bounds.known_airtime_ms AS BIGINT) AS known_airtime_ms,
    CASE
        WHEN bounds.live_until_ms <= zone_day.starts_ms OR bounds.live_from_ms >= zone_day.ends_ms THEN 0
        ELSE
            CASE WHEN bounds.live_until_ms < zone_day.ends_ms THEN bounds.live_until_ms ELSE zone_day.ends_ms END
            - CASE
                WHEN bounds.live_from_ms > zone_day.starts_ms THEN bounds.live_from_ms
                ELSE zone_day.starts_ms
            END
    END AS live_ms,
    CAST(bounds.viewer_ms AS BIGINT) AS viewer_ms,
    bounds.peak_code,
    CAST((bounds.peak_code - MOD(bounds.peak_code, 131072)) / 131072 AS BIGINT) AS peak_viewers,
    zone_day.ends_s - MOD(bounds.peak_code, 131072) AS peak_at
FROM bounds
CROSS JOIN zone_day
LEFT JOIN cell AS telling
    ON telling.broadcast_key = bounds.broadcast_key
    AND telling.at_s = bounds.telling_s
WHERE
    bounds.rows_from_ms < zone_day.ends_ms
    AND (bounds.live_until_ms > zone_day.starts_ms OR bounds.last_s >= zone_day.starts_s)
