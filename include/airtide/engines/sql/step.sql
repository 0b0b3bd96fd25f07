-- One row per category and tick from which on the cells add up to something else: by how much. A cell adds its viewers
-- at the first tick that it contains and takes them away at the first one behind it. Samples at or after the end that the
-- site tells add nothing.
WITH changes AS (
    SELECT
        category_key,
        starts_ms AS at_ms,
        COALESCE(viewers, 0) AS viewers,
        CASE WHEN viewers IS NULL THEN 1 ELSE 0 END AS hidden
    FROM cell
    WHERE is_after_end = 0
    UNION ALL
    SELECT
        category_key,
        ends_ms AS at_ms,
        -COALESCE(viewers, 0) AS viewers,
        CASE WHEN viewers IS NULL THEN -1 ELSE 0 END AS hidden
    FROM cell
    WHERE is_after_end = 0
),
sums AS (
    SELECT
        category_key,
        at_ms,
        SUM(viewers) AS viewers,
        SUM(hidden) AS hidden
    FROM changes
    GROUP BY
        category_key,
        at_ms
),
instants AS (
    SELECT
        at_ms,
        0 AS is_tick
    FROM sums
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
    sums.category_key,
    CAST(places.tick_number AS BIGINT) AS tick_number,
    CAST(SUM(sums.viewers) AS BIGINT) AS viewers,
    CAST(SUM(sums.hidden) AS BIGINT) AS hidden
FROM sums
INNER JOIN places
    ON places.at_ms = sums.at_ms
    AND places.is_tick = 0
GROUP BY
    sums.category_key,
    places.tick_number
