-- One row per category and instant at which cells begin or end: what they add to its viewers and take away. Samples at or
-- after the end that the site tells add nothing.
SELECT
    category_key,
    at_ms,
    CAST(SUM(viewers) AS BIGINT) AS viewers,
    CAST(SUM(hidden) AS BIGINT) AS hidden
FROM (
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
) AS ends
GROUP BY
    category_key,
    at_ms
