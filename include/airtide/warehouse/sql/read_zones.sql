-- One row a zone that days are kept of: its first and its last one; reads only.
SELECT
    zone,
    MIN(day) AS first_day,
    MAX(day) AS last_day
FROM trends.zone_day
GROUP BY zone
ORDER BY zone
