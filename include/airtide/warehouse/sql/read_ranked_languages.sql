-- One row per language that broadcasts of one day of a zone were in, on one platform or on all that policy lets stand
-- together, the most watched first; reads only.
SELECT broadcast_day.language
FROM trends.broadcast_day AS broadcast_day
LEFT JOIN policy.platform_policy AS policy ON policy.platform = broadcast_day.platform
WHERE
    broadcast_day.zone = %(zone)s
    AND broadcast_day.day = %(day)s
    AND broadcast_day.language <> ''
    AND COALESCE(broadcast_day.platform = %(platform)s::live.platform, policy.in_combined_rank)
GROUP BY broadcast_day.language
ORDER BY
    SUM(broadcast_day.viewer_ms) DESC,
    broadcast_day.language
LIMIT %(limit)s;
