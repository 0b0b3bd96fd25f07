-- One row per instant of the day at which anything was sampled, numbered from 1 in time order.
SELECT
    at_s,
    ROW_NUMBER() OVER (ORDER BY at_s) AS tick_number
FROM (
    SELECT DISTINCT at_s
    FROM sampled
) AS ticks
