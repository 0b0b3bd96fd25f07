-- One row per hour given of one platform and check that its rollups answer; reads only, and no sample.
-- Shares and ratios of fewer than 100 samples, or of fewer than 20 broadcasts, say nothing and have no row.
WITH asked AS (
    SELECT UNNEST(%(hours)s::TIMESTAMPTZ[]) AS hour
),
states AS (
    SELECT
        state.*,
        broadcast.broadcast_key IS NULL
        OR channel.channel_key IS NULL
        OR (state.category_key <> 0 AND category.category_key IS NULL)
        OR (state.known_samples > 0) <> (state.peak_viewers IS NOT NULL AND state.peak_at IS NOT NULL) AS lacks_values,
        LEAST(state.samples, state.known_samples, state.airtime_ms, state.known_airtime_ms, state.viewer_ms) < 0
        OR COALESCE(LEAST(state.peak_viewers, state.first_viewers, state.last_viewers), 0) < 0
        OR state.known_samples > state.samples
        OR state.known_airtime_ms > state.airtime_ms AS is_impossible
    FROM trends.broadcast_hour AS state
    INNER JOIN asked
        ON asked.hour = state.hour
    LEFT JOIN live.broadcast AS broadcast
        ON broadcast.broadcast_key = state.broadcast_key
    LEFT JOIN live.channel AS channel
        ON channel.channel_key = broadcast.channel_key
    LEFT JOIN live.category AS category
        ON category.category_key = state.category_key
    WHERE state.platform = %(platform)s::live.platform
),
rows_of_states AS (
    SELECT
        hour,
        COUNT(*) FILTER (WHERE lacks_values) AS null_values,
        COUNT(*) FILTER (WHERE is_impossible) AS negative_values,
        COUNT(DISTINCT broadcast_key) FILTER (WHERE peak_viewers >= 20) AS judged_broadcasts
    FROM states
    GROUP BY hour
),
stuck AS (
    SELECT
        mark.hour,
        SUM(mark.stuck_hours) AS broadcasts
    FROM trends.broadcast_hour_mark AS mark
    INNER JOIN asked
        ON asked.hour = mark.hour
    WHERE mark.platform = %(platform)s::live.platform
    GROUP BY mark.hour
)
SELECT
    asked.hour,
    observation.check_name,
    observation.observed::DOUBLE PRECISION AS observed
FROM asked
LEFT JOIN rows_of_states USING (hour)
LEFT JOIN stuck USING (hour)
LEFT JOIN trends.platform_hour AS told
    ON told.platform = %(platform)s::live.platform
    AND told.hour = asked.hour
LEFT JOIN trends.platform_hour AS hourly
    ON hourly.platform = told.platform
    AND hourly.hour = told.hour
    AND hourly.samples >= 100
LEFT JOIN trends.platform_hour AS hour_before
    ON hour_before.platform = %(platform)s::live.platform
    AND hour_before.hour = asked.hour - INTERVAL '1 hour'
    AND hour_before.samples >= 100
LEFT JOIN trends.platform_hour AS week_before
    ON week_before.platform = %(platform)s::live.platform
    AND week_before.hour = asked.hour - INTERVAL '7 days'
    AND week_before.samples >= 100
CROSS JOIN LATERAL (
    VALUES
        ('null_values', COALESCE(rows_of_states.null_values, 0)::DOUBLE PRECISION),
        ('negative_values', COALESCE(rows_of_states.negative_values, 0)::DOUBLE PRECISION),
        ('rows_against_last_week', COALESCE(told.samples, 0)::DOUBLE PRECISION / week_before.samples),
        ('unknown_share', 1 - hourly.known_samples::DOUBLE PRECISION / hourly.samples),
        ('viewers_jump', hourly.viewer_ms::DOUBLE PRECISION / NULLIF(hour_before.viewer_ms, 0)),
        (
            'stuck_share',
            COALESCE(stuck.broadcasts, 0)::DOUBLE PRECISION
            / CASE WHEN rows_of_states.judged_broadcasts >= 20 THEN rows_of_states.judged_broadcasts END
        )
) AS observation (check_name, observed)
WHERE observation.observed IS NOT NULL
