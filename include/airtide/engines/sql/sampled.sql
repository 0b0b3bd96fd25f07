-- One row per instant of the day at which anything was sampled.
SELECT DISTINCT cell.at_s
FROM cell
CROSS JOIN zone_day
WHERE cell.at_s >= zone_day.starts_s AND cell.at_s < zone_day.ends_s
