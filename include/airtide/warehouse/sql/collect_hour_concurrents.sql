-- One row per hour of one platform in which it was sampled, and one per category that was live in it: the most viewers
-- at one tick of the platform; makes a table that is gone with the transaction. Where `category_key` is NULL the row tells
-- the platform as a whole.
-- A tick has the counts that were taken at it and those of the cells that reach over it from elsewhere; few do where
-- sweeps are complete, and only their bounds are looked up. Samples at or after the end told by the site add nothing.
CREATE TEMPORARY TABLE hour_concurrent ON COMMIT DROP AS
WITH stale AS (
    SELECT
        hour,
        (EXTRACT(EPOCH FROM hour) * 1000)::BIGINT AS starts_ms,
        (EXTRACT(EPOCH FROM hour) * 1000)::BIGINT + 3600000 AS ends_ms
    FROM UNNEST(%(hours)s::TIMESTAMPTZ[]) AS hour
),
samples AS (
    SELECT
        stale.hour,
        sample.broadcast_key,
        COALESCE(detail.category_key, 0) AS category_key,
        sample.viewers,
        sample.cadence_s,
        EXTRACT(EPOCH FROM sample.sampled_at)::BIGINT * 1000 AS at_ms
    FROM stale
    INNER JOIN live.sample AS sample
        ON sample.platform = %(platform)s::live.platform
        AND sample.sampled_at >= stale.hour
        AND sample.sampled_at < stale.hour + INTERVAL '1 hour'
    LEFT JOIN live.broadcast_detail AS detail
        ON detail.detail_key = sample.detail_key
),
taken AS (
    SELECT
        hour,
        category_key,
        at_ms,
        COALESCE(SUM(viewers), 0) AS viewers,
        COUNT(*) - COUNT(viewers) AS hidden_broadcasts
    FROM samples
    GROUP BY
        hour,
        category_key,
        at_ms
),
ticks AS (
    SELECT
        hour,
        at_ms,
        LAG(at_ms) OVER by_time AS previous_ms,
        LEAD(at_ms) OVER by_time AS next_ms
    FROM (SELECT DISTINCT hour, at_ms FROM taken) AS tick
    WINDOW by_time AS (PARTITION BY hour ORDER BY at_ms)
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
        neighbours.category_key,
        neighbours.viewers,
        neighbours.at_ms,
        (neighbours.at_ms >= edge.ended_ms) IS TRUE AS is_after_end,
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
),
odd_cells AS MATERIALIZED (
    SELECT
        cells.*,
        cells.starts_ms <= ticks.previous_ms AS is_early,
        cells.ends_ms > ticks.next_ms AS is_late
    FROM cells
    INNER JOIN ticks USING (hour, at_ms)
    WHERE
        cells.is_after_end
        OR cells.starts_ms <= ticks.previous_ms
        OR cells.ends_ms > ticks.next_ms
),
-- what reaches in from the hours beside, with a tick under it or not
edges AS MATERIALIZED (
    SELECT
        stale.hour,
        edge.last_category_key AS category_key,
        edge.last_viewers AS viewers,
        (edge.last_ms >= edge.ended_ms) IS TRUE AS is_after_end,
        edge.last_ms AS starts_ms,
        edge.until_ms AS ends_ms
    FROM stale
    INNER JOIN hour_edge AS edge
        ON edge.hour = stale.hour - INTERVAL '1 hour'
        AND edge.until_ms > stale.starts_ms
    UNION ALL
    SELECT
        stale.hour,
        edge.first_category_key AS category_key,
        edge.first_viewers AS viewers,
        (edge.first_ms >= edge.ended_ms) IS TRUE AS is_after_end,
        edge.from_ms AS starts_ms,
        edge.first_ms AS ends_ms
    FROM stale
    INNER JOIN hour_edge AS edge
        ON edge.hour = stale.hour + INTERVAL '1 hour'
        AND edge.from_ms < stale.ends_ms
),
spans AS (
    SELECT
        hour,
        category_key,
        COALESCE(viewers, 0) AS viewers,
        (viewers IS NULL)::INTEGER AS hidden_broadcasts,
        starts_ms,
        ends_ms
    FROM edges
    WHERE NOT is_after_end
    UNION ALL
    SELECT
        hour,
        category_key,
        COALESCE(viewers, 0) AS viewers,
        (viewers IS NULL)::INTEGER AS hidden_broadcasts,
        starts_ms,
        at_ms AS ends_ms
    FROM odd_cells
    WHERE
        is_early
        AND NOT is_after_end
    UNION ALL
    SELECT
        hour,
        category_key,
        COALESCE(viewers, 0) AS viewers,
        (viewers IS NULL)::INTEGER AS hidden_broadcasts,
        at_ms + 1 AS starts_ms,
        ends_ms
    FROM odd_cells
    WHERE
        is_late
        AND NOT is_after_end
    UNION ALL
    SELECT
        hour,
        category_key,
        -COALESCE(viewers, 0) AS viewers,
        -(viewers IS NULL)::INTEGER AS hidden_broadcasts,
        at_ms AS starts_ms,
        at_ms + 1 AS ends_ms
    FROM odd_cells
    WHERE is_after_end
),
-- a change counts from the first tick on that is not before it; after the last tick of the hour there is none
changes AS (
    SELECT
        taken.hour,
        taken.category_key,
        taken.at_ms,
        taken.viewers,
        taken.hidden_broadcasts
    FROM taken
    UNION ALL
    SELECT
        taken.hour,
        taken.category_key,
        ticks.next_ms AS at_ms,
        -taken.viewers AS viewers,
        -taken.hidden_broadcasts AS hidden_broadcasts
    FROM taken
    INNER JOIN ticks USING (hour, at_ms)
    UNION ALL
    SELECT
        spans.hour,
        spans.category_key,
        tick.instants[WIDTH_BUCKET(step.at_ms - 1, tick.instants) + 1] AS at_ms,
        step.viewers,
        step.hidden_broadcasts
    FROM spans
    INNER JOIN (
        SELECT
            hour,
            ARRAY_AGG(at_ms ORDER BY at_ms) AS instants
        FROM ticks
        GROUP BY hour
    ) AS tick USING (hour)
    CROSS JOIN LATERAL (
        VALUES
            (starts_ms, viewers, hidden_broadcasts),
            (ends_ms, -viewers, -hidden_broadcasts)
    ) AS step (at_ms, viewers, hidden_broadcasts)
    UNION ALL
    SELECT
        live.hour,
        live.category_key,
        ticks.at_ms,
        0 AS viewers,
        0 AS hidden_broadcasts
    FROM (
        SELECT hour, category_key FROM taken
        UNION
        SELECT hour, category_key FROM edges
    ) AS live
    INNER JOIN ticks USING (hour)
    WHERE ticks.previous_ms IS NULL
),
totals AS (
    SELECT
        hour,
        category_key,
        at_ms,
        SUM(viewers)::BIGINT AS viewers,
        SUM(hidden_broadcasts)::BIGINT AS hidden_broadcasts
    FROM changes
    WHERE at_ms IS NOT NULL
    GROUP BY GROUPING SETS ((hour, category_key, at_ms), (hour, at_ms))
),
sums AS (
    SELECT
        hour,
        category_key,
        at_ms,
        SUM(viewers) OVER by_time AS viewers,
        SUM(hidden_broadcasts) OVER by_time AS hidden_broadcasts
    FROM totals
    WINDOW by_time AS (PARTITION BY hour, category_key ORDER BY at_ms)
)
SELECT DISTINCT ON (hour, category_key)
    hour,
    category_key,
    viewers::BIGINT AS viewers,
    at_ms,
    hidden_broadcasts::INTEGER AS hidden_broadcasts
FROM sums
ORDER BY
    hour,
    category_key,
    viewers DESC,
    at_ms
