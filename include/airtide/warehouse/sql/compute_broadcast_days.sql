-- One row per broadcast of one platform that has a row in one day of a zone, from its parts by category (table day_part),
-- the edges of the day's hours and of those beside them (table hour_edge) and the broadcasts' bounds; reads only.
WITH day AS (
    SELECT
        %(zone)s::TEXT AS zone,
        %(day)s::DATE AS day,
        (
            SELECT calendar.day
            FROM trends.zone_day AS calendar
            WHERE
                calendar.zone = %(zone)s
                AND calendar.ends_at = %(starts_at)s
        ) AS day_before,
        %(starts_at)s::TIMESTAMPTZ AS starts_at,
        %(ends_at)s::TIMESTAMPTZ AS ends_at,
        (EXTRACT(EPOCH FROM %(starts_at)s::TIMESTAMPTZ) * 1000)::BIGINT AS starts_ms,
        (EXTRACT(EPOCH FROM %(ends_at)s::TIMESTAMPTZ) * 1000)::BIGINT AS ends_ms
),
broadcasts AS (
    SELECT
        broadcast_key,
        channel_key,
        FLOOR(EXTRACT(EPOCH FROM started_at) * 1000)::BIGINT AS started_ms,
        CASE WHEN ended_by = 'site' THEN FLOOR(EXTRACT(EPOCH FROM ended_at) * 1000)::BIGINT END AS ended_ms,
        (EXTRACT(EPOCH FROM first_sampled_at) * 1000)::BIGINT AS first_ms,
        (EXTRACT(EPOCH FROM last_sampled_at) * 1000)::BIGINT AS last_ms
    FROM live.broadcast
    CROSS JOIN day
    WHERE
        platform = %(platform)s::live.platform
        AND first_sampled_at < day.ends_at + INTERVAL '1 hour'
        AND (
            last_sampled_at >= day.starts_at - INTERVAL '1 hour'
            OR (ended_by = 'site' AND ended_at > day.starts_at)
        )
),
ends AS (
    SELECT
        hour_edge.broadcast_key,
        MAX(hour_edge.from_ms) FILTER (WHERE hour_edge.is_first) AS from_ms,
        MAX(hour_edge.first_language) FILTER (WHERE hour_edge.is_first) AS first_language,
        MAX(hour_edge.until_ms) FILTER (WHERE hour_edge.is_last) AS until_ms,
        MAX(hour_edge.last_language) FILTER (WHERE is_latest) AS latest_language
    FROM hour_edge
    CROSS JOIN day
    CROSS JOIN LATERAL (
        SELECT
            hour_edge.hour < day.ends_at
            AND (hour_edge.next_hour IS NULL OR hour_edge.next_hour >= day.ends_at) AS is_latest
    ) AS told
    WHERE
        hour_edge.is_first
        OR hour_edge.is_last
        OR is_latest
    GROUP BY hour_edge.broadcast_key
),
-- a first or last sample without an edge here lies farther than an hour from the day: then only its side counts
bounds AS (
    SELECT
        broadcasts.broadcast_key,
        broadcasts.channel_key,
        ends.first_language,
        ends.latest_language,
        COALESCE(ends.from_ms, broadcasts.first_ms) AS rows_from_ms,
        CASE
            WHEN broadcasts.started_ms IS NULL THEN COALESCE(ends.from_ms, broadcasts.first_ms)
            ELSE LEAST(broadcasts.started_ms, broadcasts.first_ms)
        END AS live_from_ms,
        CASE
            WHEN broadcasts.ended_ms IS NULL THEN COALESCE(ends.until_ms, broadcasts.last_ms)
            ELSE GREATEST(broadcasts.ended_ms, broadcasts.last_ms)
        END AS live_until_ms,
        broadcasts.last_ms
    FROM broadcasts
    LEFT JOIN ends USING (broadcast_key)
),
totals AS (
    SELECT
        broadcast_key,
        SUM(samples) AS samples,
        SUM(known_samples) AS known_samples,
        SUM(airtime_ms) AS airtime_ms,
        SUM(known_airtime_ms) AS known_airtime_ms,
        SUM(viewer_ms) AS viewer_ms,
        MAX(peak) AS peak
    FROM day_part
    GROUP BY broadcast_key
)
SELECT
    day.zone,
    day.day,
    %(platform)s::live.platform AS platform,
    bounds.broadcast_key,
    bounds.channel_key,
    -- a day far inside a hole goes on in the language of the day before it: few do, and each is looked up
    COALESCE(
        bounds.latest_language,
        (
            SELECT before.language
            FROM trends.broadcast_day AS before
            WHERE
                before.zone = day.zone
                AND before.day = day.day_before
                AND before.platform = %(platform)s::live.platform
                AND before.broadcast_key = bounds.broadcast_key
        ),
        bounds.first_language,
        ''
    ) AS language,
    COALESCE(totals.samples, 0)::INTEGER AS samples,
    COALESCE(totals.known_samples, 0)::INTEGER AS known_samples,
    COALESCE(totals.airtime_ms, 0)::BIGINT AS airtime_ms,
    COALESCE(totals.known_airtime_ms, 0)::BIGINT AS known_airtime_ms,
    GREATEST(
        LEAST(bounds.live_until_ms, day.ends_ms) - GREATEST(bounds.live_from_ms, day.starts_ms),
        0
    ) AS live_ms,
    COALESCE(totals.viewer_ms, 0)::BIGINT AS viewer_ms,
    (totals.peak >> 32)::INTEGER AS peak_viewers,
    TO_TIMESTAMP(4294967295 - (totals.peak & 4294967295)) AS peak_at
FROM bounds
CROSS JOIN day
LEFT JOIN totals USING (broadcast_key)
WHERE
    bounds.rows_from_ms < day.ends_ms
    AND GREATEST(bounds.live_until_ms, bounds.last_ms + 1) > day.starts_ms
