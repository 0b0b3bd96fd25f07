-- One row per channel of one list of the days of a zone from the first to the last one given, in the order of one measure,
-- with its rank in as many days just before; of one platform, or of all that policy lets stand together; reads only.
-- Where its platform has rows of every day before, a channel that never had one is new, and one that has none but older
-- ones is back; where it has not, a change of rank is in doubt. A broadcast over midnight counts once.
WITH days AS NOT MATERIALIZED (
    SELECT
        zone,
        day,
        platform,
        channel_key,
        airtime_ms,
        known_airtime_ms,
        viewer_ms,
        peak_viewers,
        peak_at,
        live_ms
    FROM trends.channel_day
    WHERE %(list)s = 'all'
    UNION ALL
    SELECT
        zone,
        day,
        platform,
        channel_key,
        airtime_ms,
        known_airtime_ms,
        viewer_ms,
        peak_viewers,
        peak_at,
        live_ms
    FROM trends.broadcast_day
    WHERE
        %(list)s = 'language'
        AND language = %(language)s
),
listed AS (
    SELECT
        told.platform,
        told.channel_key,
        told.day >= %(first_day)s::DATE AS is_asked,
        SUM(told.airtime_ms)::BIGINT AS airtime_ms,
        SUM(told.known_airtime_ms)::BIGINT AS known_airtime_ms,
        SUM(told.viewer_ms)::BIGINT AS viewer_ms,
        MAX(told.peak_viewers) AS peak_viewers,
        SUM(told.live_ms)::BIGINT AS live_ms
    FROM days AS told
    LEFT JOIN policy.platform_policy AS policy ON policy.platform = told.platform
    WHERE
        told.zone = %(zone)s
        AND told.day BETWEEN %(before_from)s::DATE AND %(last_day)s::DATE
        AND COALESCE(told.platform = %(platform)s::live.platform, policy.in_combined_rank)
    GROUP BY
        told.platform,
        told.channel_key,
        is_asked
),
-- as trends.channel_rank has it for a day
ranked AS (
    SELECT
        listed.*,
        ROW_NUMBER() OVER (
            PARTITION BY listed.is_asked
            ORDER BY
                CASE %(metric)s::TEXT
                    WHEN 'hours_watched' THEN listed.viewer_ms
                    WHEN 'average' THEN listed.viewer_ms::NUMERIC(43, 24) / NULLIF(listed.known_airtime_ms, 0)
                    WHEN 'peak' THEN listed.peak_viewers
                    WHEN 'airtime' THEN listed.airtime_ms
                END DESC NULLS LAST,
                listed.channel_key
        ) AS rank,
        listed.airtime_ms < %(low_coverage)s::DOUBLE PRECISION * listed.live_ms AS has_low_coverage
    FROM listed
),
page AS (
    SELECT *
    FROM ranked
    WHERE is_asked
    ORDER BY rank
    LIMIT %(limit)s
    OFFSET %(offset)s
),
seen AS MATERIALIZED (
    SELECT known.platform
    FROM UNNEST(ENUM_RANGE(NULL::live.platform)) AS known (platform)
    WHERE NOT EXISTS (
        SELECT
        FROM GENERATE_SERIES(
            %(before_from)s::TIMESTAMP, %(first_day)s::TIMESTAMP - INTERVAL '1 day', INTERVAL '1 day'
        ) AS before (day)
        WHERE NOT EXISTS (
            SELECT
            FROM trends.channel_day AS kept
            WHERE
                kept.zone = %(zone)s
                AND kept.day = before.day::DATE
                AND kept.platform = known.platform
        )
    )
)
SELECT
    page.rank,
    before.rank - page.rank AS rank_change,
    seen.platform IS NOT NULL AND earlier.day IS NULL AS is_new,
    seen.platform IS NOT NULL AND COALESCE(earlier.day < %(before_from)s::DATE, FALSE) AS is_returning,
    page.platform::TEXT AS platform,
    channel.channel_id,
    channel.name AS channel_name,
    channel.handle AS channel_handle,
    counted.broadcasts,
    page.viewer_ms::DOUBLE PRECISION / 3600000 AS hours_watched,
    page.viewer_ms::DOUBLE PRECISION / NULLIF(page.known_airtime_ms, 0) AS average_viewers,
    page.peak_viewers,
    highest.peak_at,
    page.airtime_ms::DOUBLE PRECISION / 3600000 AS airtime_hours,
    page.airtime_ms::DOUBLE PRECISION / NULLIF(page.live_ms, 0) AS coverage,
    page.known_airtime_ms::DOUBLE PRECISION / NULLIF(page.airtime_ms, 0) AS known_share,
    page.has_low_coverage,
    before.rank IS NOT NULL
    AND (page.has_low_coverage OR before.has_low_coverage OR seen.platform IS NULL) AS has_doubtful_change
FROM page
INNER JOIN live.channel AS channel ON channel.channel_key = page.channel_key
LEFT JOIN ranked AS before
    ON before.channel_key = page.channel_key
    AND NOT before.is_asked
LEFT JOIN seen ON seen.platform = page.platform
LEFT JOIN LATERAL (
    SELECT kept.day
    FROM trends.channel_day AS kept
    WHERE
        kept.channel_key = page.channel_key
        AND kept.zone = %(zone)s
        AND kept.day < %(first_day)s::DATE
    ORDER BY kept.day DESC
    LIMIT 1
) AS earlier ON TRUE
LEFT JOIN LATERAL (
    SELECT told.peak_at
    FROM days AS told
    WHERE
        told.channel_key = page.channel_key
        AND told.zone = %(zone)s
        AND told.day BETWEEN %(first_day)s::DATE AND %(last_day)s::DATE
        AND told.peak_viewers = page.peak_viewers
    ORDER BY told.peak_at
    LIMIT 1
) AS highest ON TRUE
CROSS JOIN LATERAL (
    SELECT COUNT(DISTINCT broadcast_day.broadcast_key) AS broadcasts
    FROM trends.broadcast_day AS broadcast_day
    WHERE
        broadcast_day.channel_key = page.channel_key
        AND broadcast_day.zone = %(zone)s
        AND broadcast_day.day BETWEEN %(first_day)s::DATE AND %(last_day)s::DATE
        AND (%(list)s = 'all' OR broadcast_day.language = %(language)s)
) AS counted
ORDER BY page.rank;
