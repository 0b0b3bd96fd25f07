-- One row per instant of the day at which anything was sampled, numbered from 1 in time order.
SELECT
    at_s,
    ROW_NUMBER() OVER (ORDER BY at_s) AS tick_number
FROM (
    SELECT DISTINCT cell.at_s
    FROM cell
    CROSS JOIN zone_day
    WHERE cell.at_s >= zone_day.starts_s AND cell.at_s < zone_day.ends_s
) AS ticks
