-- One row per channel of one day of a zone in the order of one measure, with its rank on the day before; reads only.
-- Sums are compared as whole numbers: as floating point two that differ could fall together. Averages are quotients.
-- A channel is new where its platform has rows on the day before and the channel has none.
WITH measured AS (
    SELECT
        channel_day.*,
        CASE %(metric)s::TEXT
            WHEN 'hours_watched' THEN channel_day.viewer_ms
            WHEN 'peak' THEN channel_day.peak_viewers
            WHEN 'airtime' THEN channel_day.airtime_ms
        END AS measure,
        CASE %(metric)s::TEXT
            WHEN 'average' THEN channel_day.viewer_ms::NUMERIC / NULLIF(channel_day.known_airtime_ms, 0)
        END AS average,
        channel_day.airtime_ms < %(low_coverage)s::DOUBLE PRECISION * channel_day.live_ms AS has_low_coverage
    FROM trends.channel_day AS channel_day
    WHERE
        channel_day.zone = %(zone)s
        AND channel_day.day BETWEEN %(day)s::DATE - 1 AND %(day)s::DATE
        AND channel_day.platform = ANY(%(platforms)s::live.platform[])
),
ranked AS (
    SELECT
        measured.*,
        ROW_NUMBER() OVER (
            PARTITION BY measured.day
            ORDER BY
                measured.measure DESC NULLS LAST,
                measured.average DESC NULLS LAST,
                measured.channel_key
        ) AS rank
    FROM measured
),
page AS (
    SELECT ranked.*
    FROM ranked
    WHERE ranked.day = %(day)s::DATE
    ORDER BY ranked.rank
    LIMIT %(limit)s
    OFFSET %(offset)s
),
compared_platform AS (
    SELECT DISTINCT ranked.platform
    FROM ranked
    WHERE ranked.day < %(day)s::DATE
)
SELECT
    page.rank,
    before.rank - page.rank AS rank_change,
    before.rank IS NULL AND compared_platform.platform IS NOT NULL AS is_new,
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
    page.airtime_ms::DOUBLE PRECISION / NULLIF(page.live_ms, 0) AS coverage,
    page.known_airtime_ms::DOUBLE PRECISION / NULLIF(page.airtime_ms, 0) AS known_share,
    page.has_low_coverage,
    before.rank IS NOT NULL AND (page.has_low_coverage OR before.has_low_coverage) AS has_doubtful_change
FROM page
INNER JOIN live.channel AS channel ON channel.channel_key = page.channel_key
LEFT JOIN ranked AS before
    ON before.channel_key = page.channel_key
    AND before.day < page.day
LEFT JOIN compared_platform ON compared_platform.platform = page.platform
ORDER BY page.rank;
