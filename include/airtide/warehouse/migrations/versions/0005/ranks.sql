-- Ranks of channels are made when they are read, by these views; nothing of them is kept. Whoever reads names a zone and
-- a day: every view is partitioned by them, so that no other day is looked at.

-- What the broadcasts of a day bring to each category, from the states of its hours and the time between these. Rules and
-- outcome are those of cells, to the last unit: every sample's time counts for the category that it was seen with.
CREATE VIEW trends.broadcast_category_day AS
SELECT
    part.zone,
    part.day,
    part.platform,
    part.broadcast_key,
    part.category_key,
    SUM(part.samples)::INTEGER AS samples,
    SUM(part.known_samples)::INTEGER AS known_samples,
    SUM(part.airtime_ms)::BIGINT AS airtime_ms,
    SUM(part.known_airtime_ms)::BIGINT AS known_airtime_ms,
    SUM(part.viewer_ms)::BIGINT AS viewer_ms,
    MAX(part.peak_viewers) AS peak_viewers,
    (ARRAY_AGG(part.peak_at ORDER BY part.peak_viewers DESC NULLS LAST, part.peak_at))[1] AS peak_at
FROM (
    SELECT
        calendar.zone,
        calendar.day,
        state.platform,
        state.broadcast_key,
        state.category_key,
        state.samples,
        state.known_samples,
        state.airtime_ms,
        state.known_airtime_ms,
        state.viewer_ms,
        state.peak_viewers,
        state.peak_at
    FROM trends.zone_day AS calendar
    INNER JOIN trends.broadcast_hour AS state
        ON state.hour >= calendar.starts_at
        AND state.hour < calendar.ends_at
    UNION ALL
    SELECT
        edge.zone,
        edge.day,
        edge.platform,
        edge.broadcast_key,
        edge.category_key,
        0 AS samples,
        0 AS known_samples,
        head.ms + tail.ms AS airtime_ms,
        CASE WHEN edge.first[2] IS NULL THEN 0 ELSE head.ms END
        + CASE WHEN edge.last[2] IS NULL THEN 0 ELSE tail.ms END AS known_airtime_ms,
        COALESCE(edge.first[2] * head.ms, 0) + COALESCE(edge.last[2] * tail.ms, 0) AS viewer_ms,
        NULL AS peak_viewers,
        NULL AS peak_at
    FROM (
        -- an hour's first and last sample as {instant, viewers, category, cadence, widest distance that is bridged}
        SELECT
            member.zone,
            member.day,
            (EXTRACT(EPOCH FROM member.starts_at) * 1000)::BIGINT AS starts_ms,
            (EXTRACT(EPOCH FROM member.ends_at) * 1000)::BIGINT AS ends_ms,
            member.platform,
            member.broadcast_key,
            member.category_key,
            MIN(told.first) AS first,
            MAX(told.last) AS last,
            LAG(MAX(told.last)) OVER by_time AS previous,
            LEAD(MIN(told.first)) OVER by_time AS next
        FROM (
            -- the category first: then who asks for one is not kept waiting for the broadcasts of all others
            SELECT DISTINCT
                calendar.zone,
                calendar.day,
                calendar.starts_at,
                calendar.ends_at,
                state.platform,
                state.broadcast_key,
                state.category_key
            FROM trends.zone_day AS calendar
            INNER JOIN trends.broadcast_hour AS state
                ON state.hour >= calendar.starts_at - INTERVAL '1 hour'
                AND state.hour < calendar.ends_at + INTERVAL '1 hour'
        ) AS member
        INNER JOIN trends.broadcast_hour AS state
            ON state.platform = member.platform
            AND state.broadcast_key = member.broadcast_key
            AND state.hour >= member.starts_at - INTERVAL '1 hour'
            AND state.hour < member.ends_at + INTERVAL '1 hour'
        CROSS JOIN LATERAL (
            SELECT
                ARRAY[
                    (EXTRACT(EPOCH FROM state.first_at) * 1000)::BIGINT,
                    state.first_viewers,
                    state.category_key,
                    state.first_cadence_s * 1000,
                    LEAST(state.first_cadence_s * 3000, 3600000)
                ] AS first,
                ARRAY[
                    (EXTRACT(EPOCH FROM state.last_at) * 1000)::BIGINT,
                    state.last_viewers,
                    state.category_key,
                    state.last_cadence_s * 1000,
                    LEAST(state.last_cadence_s * 3000, 3600000)
                ] AS last
        ) AS told
        GROUP BY
            member.zone,
            member.day,
            member.starts_at,
            member.ends_at,
            member.platform,
            member.broadcast_key,
            member.category_key,
            state.hour
        WINDOW by_time AS (
            PARTITION BY member.zone, member.day, member.platform, member.category_key, member.broadcast_key
            ORDER BY state.hour
        )
    ) AS edge
    INNER JOIN live.broadcast AS broadcast ON broadcast.broadcast_key = edge.broadcast_key
    CROSS JOIN LATERAL (
        SELECT
            (EXTRACT(EPOCH FROM broadcast.first_sampled_at) * 1000)::BIGINT AS first_ms,
            (EXTRACT(EPOCH FROM broadcast.last_sampled_at) * 1000)::BIGINT AS last_ms,
            FLOOR(EXTRACT(EPOCH FROM broadcast.started_at) * 1000)::BIGINT AS started_ms,
            CASE
                WHEN broadcast.ended_by = 'site' THEN FLOOR(EXTRACT(EPOCH FROM broadcast.ended_at) * 1000)::BIGINT
            END AS ended_ms
    ) AS bounds
    CROSS JOIN LATERAL (
        SELECT
            CASE
                WHEN edge.first[1] - edge.previous[1] <= edge.previous[5]
                    THEN edge.first[1] - (edge.first[1] - edge.previous[1]) / 2
                WHEN edge.previous IS NOT NULL OR edge.first[1] <> bounds.first_ms THEN edge.first[1]
                WHEN edge.first[1] - bounds.started_ms <= edge.first[5] THEN LEAST(bounds.started_ms, edge.first[1])
                ELSE edge.first[1] - edge.first[4] / 2
            END AS from_ms,
            CASE
                WHEN edge.next[1] - edge.last[1] <= edge.last[5]
                    THEN edge.last[1] + (edge.next[1] - edge.last[1]) / 2
                WHEN edge.next IS NOT NULL OR edge.last[1] <> bounds.last_ms THEN edge.last[1] + edge.last[4]
                WHEN bounds.ended_ms - edge.last[1] <= edge.last[5] THEN GREATEST(bounds.ended_ms, edge.last[1])
                ELSE edge.last[1] + edge.last[4] / 2
            END AS until_ms
    ) AS reach
    CROSS JOIN LATERAL (
        SELECT
            CASE
                WHEN edge.first[3] = edge.category_key
                    THEN GREATEST(LEAST(edge.first[1], edge.ends_ms) - GREATEST(reach.from_ms, edge.starts_ms), 0)
                ELSE 0
            END AS ms
    ) AS head
    CROSS JOIN LATERAL (
        SELECT
            CASE
                WHEN edge.last[3] = edge.category_key
                    THEN GREATEST(LEAST(reach.until_ms, edge.ends_ms) - GREATEST(edge.last[1], edge.starts_ms), 0)
                ELSE 0
            END AS ms
    ) AS tail
    WHERE head.ms + tail.ms > 0
) AS part
GROUP BY
    part.zone,
    part.day,
    part.platform,
    part.broadcast_key,
    part.category_key;

-- A channel's numbers of a day in every list that it stands in: all of its platform's channels, those of a language, those
-- of a category. What one broadcast brings to a language is all of its day, since it has one language in it.
-- Coverage is seen_ms / live_ms; a hole has no category, so that of a category's list is the coverage of the whole channel.
CREATE VIEW trends.listed_channel_day AS
SELECT
    channel_day.zone,
    channel_day.day,
    channel_day.platform,
    'all'::TEXT AS list,
    ''::TEXT AS language,
    0::BIGINT AS category_key,
    channel_day.channel_key,
    channel_day.broadcasts,
    channel_day.airtime_ms,
    channel_day.known_airtime_ms,
    channel_day.viewer_ms,
    channel_day.peak_viewers,
    channel_day.peak_at,
    channel_day.airtime_ms AS seen_ms,
    channel_day.live_ms
FROM trends.channel_day AS channel_day
UNION ALL
SELECT
    broadcast_day.zone,
    broadcast_day.day,
    broadcast_day.platform,
    'language'::TEXT AS list,
    broadcast_day.language,
    0::BIGINT AS category_key,
    broadcast_day.channel_key,
    COUNT(*)::INTEGER AS broadcasts,
    SUM(broadcast_day.airtime_ms)::BIGINT AS airtime_ms,
    SUM(broadcast_day.known_airtime_ms)::BIGINT AS known_airtime_ms,
    SUM(broadcast_day.viewer_ms)::BIGINT AS viewer_ms,
    MAX(broadcast_day.peak_viewers) AS peak_viewers,
    (ARRAY_AGG(broadcast_day.peak_at ORDER BY broadcast_day.peak_viewers DESC NULLS LAST, broadcast_day.peak_at))[1]
        AS peak_at,
    SUM(broadcast_day.airtime_ms)::BIGINT AS seen_ms,
    SUM(broadcast_day.live_ms)::BIGINT AS live_ms
FROM trends.broadcast_day AS broadcast_day
GROUP BY
    broadcast_day.zone,
    broadcast_day.day,
    broadcast_day.platform,
    broadcast_day.language,
    broadcast_day.channel_key
UNION ALL
SELECT
    part.zone,
    part.day,
    part.platform,
    'category'::TEXT AS list,
    ''::TEXT AS language,
    part.category_key,
    channel_day.channel_key,
    COUNT(*)::INTEGER AS broadcasts,
    SUM(part.airtime_ms)::BIGINT AS airtime_ms,
    SUM(part.known_airtime_ms)::BIGINT AS known_airtime_ms,
    SUM(part.viewer_ms)::BIGINT AS viewer_ms,
    MAX(part.peak_viewers) AS peak_viewers,
    (ARRAY_AGG(part.peak_at ORDER BY part.peak_viewers DESC NULLS LAST, part.peak_at))[1] AS peak_at,
    MAX(channel_day.airtime_ms) AS seen_ms,
    MAX(channel_day.live_ms) AS live_ms
FROM trends.broadcast_category_day AS part
INNER JOIN trends.broadcast_day AS broadcast_day
    ON broadcast_day.zone = part.zone
    AND broadcast_day.day = part.day
    AND broadcast_day.platform = part.platform
    AND broadcast_day.broadcast_key = part.broadcast_key
INNER JOIN trends.channel_day AS channel_day
    ON channel_day.zone = part.zone
    AND channel_day.day = part.day
    AND channel_day.platform = part.platform
    AND channel_day.channel_key = broadcast_day.channel_key
GROUP BY
    part.zone,
    part.day,
    part.platform,
    part.category_key,
    channel_day.channel_key;

-- The ranks of a platform's channels in a list, by each measure; ties stand in the order of channel_key.
-- Averages are compared with so many digits that no two which differ fall together.
CREATE VIEW trends.channel_rank AS
SELECT
    listed.*,
    ROW_NUMBER() OVER (peers ORDER BY listed.viewer_ms DESC, listed.channel_key) AS rank_by_hours_watched,
    ROW_NUMBER() OVER (
        peers ORDER BY
            listed.viewer_ms::NUMERIC(43, 24) / NULLIF(listed.known_airtime_ms, 0) DESC NULLS LAST,
            listed.channel_key
    ) AS rank_by_average,
    ROW_NUMBER() OVER (peers ORDER BY listed.peak_viewers DESC NULLS LAST, listed.channel_key) AS rank_by_peak,
    ROW_NUMBER() OVER (peers ORDER BY listed.airtime_ms DESC, listed.channel_key) AS rank_by_airtime
FROM trends.listed_channel_day AS listed
WINDOW peers AS (
    PARTITION BY listed.zone, listed.day, listed.platform, listed.list, listed.language, listed.category_key
);

-- The same over all platforms that policy lets stand in one ranking.
CREATE VIEW trends.combined_channel_rank AS
SELECT
    listed.*,
    ROW_NUMBER() OVER (peers ORDER BY listed.viewer_ms DESC, listed.channel_key) AS rank_by_hours_watched,
    ROW_NUMBER() OVER (
        peers ORDER BY
            listed.viewer_ms::NUMERIC(43, 24) / NULLIF(listed.known_airtime_ms, 0) DESC NULLS LAST,
            listed.channel_key
    ) AS rank_by_average,
    ROW_NUMBER() OVER (peers ORDER BY listed.peak_viewers DESC NULLS LAST, listed.channel_key) AS rank_by_peak,
    ROW_NUMBER() OVER (peers ORDER BY listed.airtime_ms DESC, listed.channel_key) AS rank_by_airtime
FROM trends.listed_channel_day AS listed
INNER JOIN policy.platform_policy AS policy
    ON policy.platform = listed.platform
    AND policy.in_combined_rank
WINDOW peers AS (
    PARTITION BY listed.zone, listed.day, listed.list, listed.language, listed.category_key
);
