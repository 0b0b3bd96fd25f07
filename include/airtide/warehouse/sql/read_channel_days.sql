-- One row per day of one zone in which one channel was live, newest first, with how often the counts of its broadcasts looked
-- wrong; reads only.
-- A day stays provisional until an hour after its end, while a roll-up of the channel's platform in it is waiting, and where
-- a quality check blocks this platform.
SELECT
    channel_day.day,
    channel_day.broadcasts,
    channel_day.viewer_ms::DOUBLE PRECISION / 3600000 AS hours_watched,
    channel_day.viewer_ms::DOUBLE PRECISION / NULLIF(channel_day.known_airtime_ms, 0) AS average_viewers,
    channel_day.peak_viewers,
    channel_day.peak_at,
    channel_day.airtime_ms::DOUBLE PRECISION / 3600000 AS airtime_hours,
    channel_day.airtime_ms::DOUBLE PRECISION / NULLIF(channel_day.live_ms, 0) AS coverage,
    channel_day.known_airtime_ms::DOUBLE PRECISION / NULLIF(channel_day.airtime_ms, 0) AS known_share,
    channel_day.airtime_ms < %(low_coverage)s::DOUBLE PRECISION * channel_day.live_ms AS has_low_coverage,
    channel_day.definitions_version,
    calendar.ends_at > %(now)s AS is_open,
    calendar.ends_at + INTERVAL '1 hour' > %(now)s
    OR EXISTS (
        SELECT
        FROM trends.dirty_day AS waiting
        WHERE
            waiting.zone = channel_day.zone
            AND waiting.day = channel_day.day
            AND waiting.platform = channel_day.platform
    )
    OR blocked.is_blocked AS is_provisional,
    blocked.is_blocked,
    odd.marks
FROM trends.channel_day AS channel_day
INNER JOIN trends.zone_day AS calendar
    ON calendar.zone = channel_day.zone
    AND calendar.day = channel_day.day
CROSS JOIN LATERAL (
    SELECT
        EXISTS (
            SELECT
            FROM trends.blocked_day AS blocked_day
            WHERE
                blocked_day.zone = channel_day.zone
                AND blocked_day.day = channel_day.day
                AND blocked_day.platform = channel_day.platform
        ) AS is_blocked
) AS blocked
CROSS JOIN LATERAL (
    SELECT
        JSONB_BUILD_OBJECT(
            'stuck_hours', COALESCE(SUM(broadcast_day.stuck_hours), 0),
            'flat_hours', COALESCE(SUM(broadcast_day.flat_hours), 0),
            'glitches', COALESCE(SUM(broadcast_day.glitches), 0),
            'step_jumps', COALESCE(SUM(broadcast_day.step_jumps), 0)
        ) AS marks
    FROM trends.broadcast_day AS broadcast_day
    WHERE
        broadcast_day.channel_key = channel_day.channel_key
        AND broadcast_day.zone = channel_day.zone
        AND broadcast_day.day = channel_day.day
) AS odd
WHERE
    channel_day.channel_key = %(channel_key)s
    AND channel_day.zone = %(zone)s
ORDER BY channel_day.day DESC
LIMIT %(limit)s;
