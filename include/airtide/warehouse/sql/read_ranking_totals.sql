-- One row: what one list of the days of a zone from the first to the last one given holds over one platform, or over all
-- that policy lets stand together; reads only.
SELECT
    COUNT(DISTINCT listed.channel_key) AS channels,
    COALESCE(SUM(listed.viewer_ms), 0)::DOUBLE PRECISION / 3600000 AS hours_watched,
    SUM(listed.seen_ms)::DOUBLE PRECISION / NULLIF(SUM(listed.live_ms), 0) AS coverage,
    SUM(listed.known_airtime_ms)::DOUBLE PRECISION / NULLIF(SUM(listed.airtime_ms), 0) AS known_share
FROM trends.listed_channel_day AS listed
LEFT JOIN policy.platform_policy AS policy ON policy.platform = listed.platform
WHERE
    listed.zone = %(zone)s
    AND listed.day BETWEEN %(first_day)s::DATE AND %(last_day)s::DATE
    AND listed.list = %(list)s
    AND listed.language = %(language)s
    AND listed.category_key = %(category_key)s
    AND COALESCE(listed.platform = %(platform)s::live.platform, policy.in_combined_rank);
