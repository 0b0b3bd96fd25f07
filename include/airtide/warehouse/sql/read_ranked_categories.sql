-- One row per category that one platform was sampled in on one day of a zone, about the most watched first: in the order of
-- what lies within hours, which is cheap to add up and told to nobody; reads only.
SELECT
    category.category_id,
    category.name AS category_name
FROM trends.zone_day AS calendar
INNER JOIN trends.broadcast_hour AS state
    ON state.hour >= calendar.starts_at
    AND state.hour < calendar.ends_at
INNER JOIN live.category AS category ON category.category_key = state.category_key
WHERE
    calendar.zone = %(zone)s
    AND calendar.day = %(day)s
    AND state.platform = %(platform)s::live.platform
GROUP BY category.category_key
ORDER BY
    SUM(state.viewer_ms) DESC,
    category.category_key
LIMIT %(limit)s;
