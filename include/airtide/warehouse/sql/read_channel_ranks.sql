-- One row per ranking of all channels that one channel stands in on one day of a zone: that of its platform, and that of all
-- platforms where policy lets it; reads only.
SELECT
    FALSE AS is_combined,
    ranked.rank_by_hours_watched,
    ranked.rank_by_average,
    ranked.rank_by_peak,
    ranked.rank_by_airtime,
    ranked.peers
FROM (
    SELECT
        channel_rank.*,
        COUNT(*) OVER (PARTITION BY zone, day, platform, list, language, category_key) AS peers
    FROM trends.channel_rank
) AS ranked
WHERE
    ranked.zone = %(zone)s
    AND ranked.day = %(day)s
    AND ranked.platform = %(platform)s::live.platform
    AND ranked.list = 'all'
    AND ranked.language = ''
    AND ranked.category_key = 0
    AND ranked.channel_key = %(channel_key)s
UNION ALL
SELECT
    TRUE AS is_combined,
    ranked.rank_by_hours_watched,
    ranked.rank_by_average,
    ranked.rank_by_peak,
    ranked.rank_by_airtime,
    ranked.peers
FROM (
    SELECT
        combined_channel_rank.*,
        COUNT(*) OVER (PARTITION BY zone, day, list, language, category_key) AS peers
    FROM trends.combined_channel_rank
) AS ranked
WHERE
    ranked.zone = %(zone)s
    AND ranked.day = %(day)s
    AND ranked.list = 'all'
    AND ranked.language = ''
    AND ranked.category_key = 0
    AND ranked.channel_key = %(channel_key)s;
