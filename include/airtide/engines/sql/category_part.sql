-- One row per broadcast and category of which a sample or a part of a cell lies in the day.
SELECT
    broadcast_key,
    category_key,
    CAST(SUM(is_inside) AS BIGINT) AS samples,
    CAST(SUM(CASE WHEN viewers IS NULL THEN 0 ELSE is_inside END) AS BIGINT) AS known_samples,
    CAST(SUM(inside_ms) AS BIGINT) AS airtime_ms,
    CAST(SUM(CASE WHEN viewers IS NULL THEN 0 ELSE inside_ms END) AS BIGINT) AS known_airtime_ms,
    CAST(SUM(CASE WHEN viewers IS NULL THEN 0 ELSE viewers * inside_ms END) AS BIGINT) AS viewer_ms,
    MAX(CASE WHEN is_inside = 1 THEN viewers * 131072 + day_ends_s - at_s END) AS peak_code
FROM (
    SELECT
        cell.broadcast_key,
        cell.category_key,
        cell.at_s,
        cell.viewers,
        zone_day.ends_s AS day_ends_s,
        CASE WHEN cell.at_s >= zone_day.starts_s AND cell.at_s < zone_day.ends_s THEN 1 ELSE 0 END AS is_inside,
        CASE
            WHEN cell.ends_ms <= zone_day.starts_ms OR cell.starts_ms >= zone_day.ends_ms THEN 0
            ELSE
                CASE WHEN cell.ends_ms < zone_day.ends_ms THEN cell.ends_ms ELSE zone_day.ends_ms END
                - CASE WHEN cell.starts_ms > zone_day.starts_ms THEN cell.starts_ms ELSE zone_day.starts_ms END
        END AS inside_ms
    FROM cell
    CROSS JOIN zone_day
) AS inside
GROUP BY
    broadcast_key,
    category_key
HAVING SUM(is_inside) > 0 OR SUM(inside_ms) > 0
