-- One row per language that broadcasts of one day of a zone were in, on one platform or on all that policy lets stand
-- together, the most watched first; reads only.
SELECT language_day.language
FROM trends.language_day AS language_day
LEFT JOIN policy.platform_policy AS policy ON policy.platform = language_day.platform
WHERE
    language_day.zone = %(zone)s
    AND language_day.day = %(day)s
    AND language_day.language <> ''
    AND COALESCE(language_day.platform = %(platform)s::live.platform, policy.in_combined_rank)
GROUP BY language_day.language
ORDER BY
    SUM(language_day.viewer_ms) DESC,
    language_day.language
LIMIT %(limit)s;
