-- One row per category and tick from which on its cells add up to something else: by how much. What changes between two
-- ticks counts from the later one on.
WITH instants AS (
    SELECT
        at_ms,
        0 AS is_tick
    FROM change
    GROUP BY at_ms
    UNION ALL
    SELECT
        at_s * 1000 AS at_ms,
        1 AS is_tick
    FROM tick
),
-- an instant comes before the tick at the same time, so that this tick is the first one from it on
places AS (
    SELECT
        at_ms,
        is_tick,
        1 + SUM(is_tick) OVER (ORDER BY at_ms, is_tick ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS tick_number
    FROM instants
)
SELECT
    change.category_key,
    CAST(places.tick_number AS BIGINT) AS tick_number,
    CAST(SUM(change.viewers) AS BIGINT) AS viewers,
    CAST(SUM(change.hidden) AS BIGINT) AS hidden
FROM change
INNER JOIN places
    ON places.at_ms = change.at_ms
    AND places.is_tick = 0
GROUP BY
    change.category_key,
    places.tick_number
