-- One row per category that one platform has numbers in on one day of a zone, the most watched first; reads only.
SELECT
    category.category_id,
    category.name AS category_name
FROM trends.category_day AS category_day
INNER JOIN live.category AS category ON category.category_key = category_day.category_key
WHERE
    category_day.zone = %(zone)s
    AND category_day.day = %(day)s
    AND category_day.platform = %(platform)s::live.platform
ORDER BY
    category_day.viewer_ms DESC,
    category.category_key
LIMIT %(limit)s;
