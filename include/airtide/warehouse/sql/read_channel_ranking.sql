-- One row per channel of one list of one day of a zone in the order of one measure, with its rank on the day before; of one
-- platform, or of all that policy lets stand together; reads only.
-- Where its platform has rows on the day before, a channel that never had one is new, and one that has earlier ones is back.
WITH ranked AS (
    SELECT
        peer.zone,
        peer.day,
        peer.platform,
        peer.channel_key,
        peer.broadcasts,
        peer.airtime_ms,
        peer.known_airtime_ms,
        peer.viewer_ms,
        peer.peak_viewers,
        peer.peak_at,
        peer.seen_ms,
        peer.live_ms,
        CASE %(metric)s::TEXT
            WHEN 'hours_watched' THEN peer.rank_by_hours_watched
            WHEN 'average' THEN peer.rank_by_average
            WHEN 'peak' THEN peer.rank_by_peak
            WHEN 'airtime' THEN peer.rank_by_airtime
        END AS rank,
        peer.seen_ms < %(low_coverage)s::DOUBLE PRECISION * peer.live_ms AS has_low_coverage
    FROM (
        SELECT *
        FROM trends.channel_rank
        WHERE platform = %(platform)s::live.platform
        UNION ALL
        SELECT *
        FROM trends.combined_channel_rank
        WHERE %(platform)s::live.platform IS NULL
    ) AS peer
    WHERE
        peer.zone = %(zone)s
        AND peer.day BETWEEN %(day)s::DATE - 1 AND %(day)s::DATE
        AND peer.list = %(list)s
        AND peer.language = %(language)s
        AND peer.category_key = %(category_key)s
),
compared AS (
    SELECT
        ranked.*,
        LAG(ranked.rank) OVER by_day AS rank_before,
        LAG(ranked.has_low_coverage) OVER by_day AS had_low_coverage
    FROM ranked
    WINDOW by_day AS (PARTITION BY ranked.channel_key ORDER BY ranked.day)
),
page AS (
    SELECT compared.*
    FROM compared
    WHERE compared.day = %(day)s::DATE
    ORDER BY compared.rank
    LIMIT %(limit)s
    OFFSET %(offset)s
),
seen AS MATERIALIZED (
    SELECT DISTINCT platform
    FROM trends.channel_day
    WHERE
        zone = %(zone)s
        AND day = %(day)s::DATE - 1
)
SELECT
    page.rank,
    page.rank_before - page.rank AS rank_change,
    seen.platform IS NOT NULL AND earlier.day IS NULL AS is_new,
    seen.platform IS NOT NULL AND COALESCE(earlier.day < %(day)s::DATE - 1, FALSE) AS is_returning,
    page.platform::TEXT AS platform,
    channel.channel_id,
    channel.name AS channel_name,
    channel.handle AS channel_handle,
    page.broadcasts,
    page.viewer_ms::DOUBLE PRECISION / 3600000 AS hours_watched,
    page.viewer_ms::DOUBLE PRECISION / NULLIF(page.known_airtime_ms, 0) AS average_viewers,
    page.peak_viewers,
    page.peak_at,
    page.airtime_ms::DOUBLE PRECISION / 3600000 AS airtime_hours,
    page.seen_ms::DOUBLE PRECISION / NULLIF(page.live_ms, 0) AS coverage,
    page.known_airtime_ms::DOUBLE PRECISION / NULLIF(page.airtime_ms, 0) AS known_share,
    page.has_low_coverage,
    page.rank_before IS NOT NULL AND (page.has_low_coverage OR page.had_low_coverage) AS has_doubtful_change
FROM page
INNER JOIN live.channel AS channel ON channel.channel_key = page.channel_key
LEFT JOIN seen ON seen.platform = page.platform
LEFT JOIN LATERAL (
    SELECT kept.day
    FROM trends.channel_day AS kept
    WHERE
        kept.channel_key = page.channel_key
        AND kept.zone = page.zone
        AND kept.day < page.day
    ORDER BY kept.day DESC
    LIMIT 1
) AS earlier ON TRUE
ORDER BY page.rank;
