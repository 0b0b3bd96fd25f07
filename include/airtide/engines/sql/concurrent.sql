-- One row, when anything was sampled in the day: the most viewers of the platform at one tick, the earliest such tick,
-- and how many broadcasts with a hidden count were live beside them.
WITH running AS (
    SELECT
        changes.tick_number,
        SUM(changes.viewers) OVER by_time AS viewers,
        SUM(changes.hidden) OVER by_time AS hidden
    FROM (
        SELECT
            tick_number,
            SUM(viewers) AS viewers,
            SUM(hidden) AS hidden
        FROM (
            SELECT
                tick_number,
                viewers,
                hidden
            FROM step
            UNION ALL
            SELECT
                tick_number,
                0 AS viewers,
                0 AS hidden
            FROM tick
        ) AS both_kinds
        GROUP BY tick_number
    ) AS changes
    WINDOW by_time AS (ORDER BY changes.tick_number ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
placed AS (
    SELECT
        tick.at_s,
        running.viewers,
        running.hidden,
        ROW_NUMBER() OVER (ORDER BY running.viewers DESC, tick.at_s) AS place
    FROM running
    INNER JOIN tick
        ON tick.tick_number = running.tick_number
)
SELECT
    CAST(viewers AS BIGINT) AS peak_concurrent,
    at_s AS peak_concurrent_at,
    CAST(hidden AS BIGINT) AS peak_concurrent_hidden
FROM placed
WHERE place = 1
