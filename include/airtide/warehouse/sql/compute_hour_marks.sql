-- One row per hour and broadcast of one platform in which counts looked wrong, from the hour's samples and, for the first
-- of them, the states of the hour before; reads only. The rules are those of domain/marks.py.
WITH stale AS (
    SELECT UNNEST(%(hours)s::TIMESTAMPTZ[]) AS hour
),
samples AS (
    SELECT
        stale.hour,
        sample.broadcast_key,
        TRUE AS is_inside,
        EXTRACT(EPOCH FROM sample.sampled_at)::BIGINT AS at_s,
        sample.viewers,
        sample.cadence_s
    FROM stale
    INNER JOIN live.sample AS sample
        ON sample.platform = %(platform)s::live.platform
        AND sample.sampled_at >= stale.hour
        AND sample.sampled_at < stale.hour + INTERVAL '1 hour'
    UNION ALL
    SELECT
        stale.hour,
        state.broadcast_key,
        FALSE AS is_inside,
        EXTRACT(EPOCH FROM state.last_at)::BIGINT AS at_s,
        state.last_viewers AS viewers,
        state.last_cadence_s AS cadence_s
    FROM stale
    INNER JOIN trends.broadcast_hour AS state
        ON state.platform = %(platform)s::live.platform
        AND state.hour = stale.hour - INTERVAL '1 hour'
),
neighbours AS (
    SELECT
        samples.*,
        CASE
            WHEN at_s - LAG(at_s) OVER by_time <= LEAST(3 * LAG(cadence_s) OVER by_time, 3600)
                THEN LAG(viewers) OVER by_time
        END AS viewers_before
    FROM samples
    WINDOW by_time AS (PARTITION BY hour, broadcast_key ORDER BY at_s)
),
counted AS (
    SELECT
        hour,
        broadcast_key,
        COUNT(*) AS samples,
        COUNT(viewers) AS known_samples,
        MIN(viewers) AS least_viewers,
        MAX(viewers) AS most_viewers,
        MAX(at_s + cadence_s) - MIN(at_s) AS spanned_s,
        COUNT(*) FILTER (
            WHERE viewers = %(glitch_count)s
            AND viewers_before >= %(min_viewers)s
        ) AS glitches,
        COUNT(*) FILTER (
            WHERE GREATEST(viewers, viewers_before) >= %(jump_factor)s::BIGINT * LEAST(viewers, viewers_before)
            AND ABS(viewers - viewers_before) >= %(jump_min_viewers)s
            AND viewers <> %(glitch_count)s
            AND viewers_before <> %(glitch_count)s
        ) AS step_jumps
    FROM neighbours
    WHERE is_inside
    GROUP BY
        hour,
        broadcast_key
),
marked AS (
    SELECT
        hour,
        broadcast_key,
        (is_full AND least_viewers = most_viewers AND least_viewers >= %(min_viewers)s)::INTEGER AS stuck_hours,
        (
            is_full
            AND least_viewers < most_viewers
            AND (most_viewers - least_viewers)::BIGINT * %(flat_parts)s <= most_viewers
        )::INTEGER AS flat_hours,
        glitches::INTEGER AS glitches,
        step_jumps::INTEGER AS step_jumps
    FROM counted
    CROSS JOIN LATERAL (
        SELECT
            samples >= %(min_samples)s
            AND known_samples = samples
            AND spanned_s >= %(full_hour_s)s AS is_full
    ) AS judged
)
SELECT
    %(platform)s::live.platform AS platform,
    hour,
    broadcast_key,
    stuck_hours,
    flat_hours,
    glitches,
    step_jumps
FROM marked
WHERE
    stuck_hours > 0
    OR flat_hours > 0
    OR glitches > 0
    OR step_jumps > 0
