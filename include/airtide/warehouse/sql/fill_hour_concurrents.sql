-- One row per hour of one platform in which it was sampled: the most viewers at one tick; fills a table of this
-- transaction. Every cell adds its viewers where it begins and takes them away where it ends, and the running sum is
-- read at the ticks. Samples at or after the end told by the site add nothing.
INSERT INTO hour_concurrent
WITH stale AS (
    SELECT UNNEST(%(hours)s::TIMESTAMPTZ[]) AS hour
),
samples AS (
    SELECT
        stale.hour,
        sample.broadcast_key,
        sample.viewers,
        sample.cadence_s,
        EXTRACT(EPOCH FROM sample.sampled_at)::BIGINT * 1000 AS at_ms
    FROM stale
    INNER JOIN live.sample AS sample
        ON sample.platform = %(platform)s::live.platform
        AND sample.sampled_at >= stale.hour
        AND sample.sampled_at < stale.hour + INTERVAL '1 hour'
),
neighbours AS (
    SELECT
        samples.*,
        at_ms - LAG(at_ms) OVER by_time AS since_previous_ms,
        LEAST(3000 * LAG(cadence_s) OVER by_time, 3600000) AS previous_max_gap_ms,
        LEAD(at_ms) OVER by_time - at_ms AS until_next_ms
    FROM samples
    WINDOW by_time AS (PARTITION BY hour, broadcast_key ORDER BY at_ms)
),
cells AS (
    SELECT
        hour,
        neighbours.viewers,
        neighbours.at_ms,
        edge.ended_ms,
        CASE
            WHEN neighbours.since_previous_ms IS NULL THEN edge.from_ms
            WHEN neighbours.since_previous_ms <= neighbours.previous_max_gap_ms
                THEN neighbours.at_ms - neighbours.since_previous_ms / 2
            ELSE neighbours.at_ms
        END AS starts_ms,
        CASE
            WHEN neighbours.until_next_ms IS NULL THEN edge.until_ms
            WHEN neighbours.until_next_ms <= LEAST(3000 * neighbours.cadence_s, 3600000)
                THEN neighbours.at_ms + neighbours.until_next_ms / 2
            ELSE neighbours.at_ms + 1000 * neighbours.cadence_s
        END AS ends_ms
    FROM neighbours
    INNER JOIN hour_edge AS edge USING (hour, broadcast_key)
    UNION ALL
    SELECT
        stale.hour,
        edge.last_viewers AS viewers,
        edge.last_ms AS at_ms,
        edge.ended_ms,
        edge.last_ms AS starts_ms,
        edge.until_ms AS ends_ms
    FROM stale
    INNER JOIN hour_edge AS edge
        ON edge.hour = stale.hour - INTERVAL '1 hour'
    UNION ALL
    SELECT
        stale.hour,
        edge.first_viewers AS viewers,
        edge.first_ms AS at_ms,
        edge.ended_ms,
        edge.from_ms AS starts_ms,
        edge.first_ms AS ends_ms
    FROM stale
    INNER JOIN hour_edge AS edge
        ON edge.hour = stale.hour + INTERVAL '1 hour'
),
changes AS (
    SELECT
        hour,
        step.at_ms,
        SUM(step.viewers) AS viewers,
        SUM(step.hidden_broadcasts) AS hidden_broadcasts,
        FALSE AS is_tick
    FROM cells
    CROSS JOIN LATERAL (
        VALUES
            (starts_ms, COALESCE(viewers, 0), (viewers IS NULL)::INTEGER),
            (ends_ms, -COALESCE(viewers, 0), -(viewers IS NULL)::INTEGER)
    ) AS step (at_ms, viewers, hidden_broadcasts)
    WHERE (cells.at_ms >= ended_ms) IS NOT TRUE
    GROUP BY
        hour,
        step.at_ms
    UNION ALL
    SELECT DISTINCT
        hour,
        at_ms,
        0 AS viewers,
        0 AS hidden_broadcasts,
        TRUE AS is_tick
    FROM samples
),
-- all changes of one instant come together: the default frame ends with the last of the equal ones
sums AS (
    SELECT
        hour,
        at_ms,
        is_tick,
        SUM(viewers) OVER by_time AS viewers,
        SUM(hidden_broadcasts) OVER by_time AS hidden_broadcasts
    FROM changes
    WINDOW by_time AS (PARTITION BY hour ORDER BY at_ms)
)
SELECT DISTINCT ON (hour)
    hour,
    viewers::BIGINT AS viewers,
    at_ms,
    hidden_broadcasts::INTEGER AS hidden_broadcasts
FROM sums
WHERE is_tick
ORDER BY
    hour,
    viewers DESC,
    at_ms
