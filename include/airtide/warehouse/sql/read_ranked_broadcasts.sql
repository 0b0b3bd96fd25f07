-- One row per channel among the first of its platform in a day of a zone: its most watched broadcast of that day, with when it
-- was watched most, where its site has the picture, and not where it has one already; reads only.
SELECT
    watched.platform::TEXT AS platform,
    watched.broadcast_key,
    ranked.channel_key,
    LEAST(
        GREATEST(
            watched.peak_at,
            broadcast.first_sampled_at + MAKE_INTERVAL(secs => %(settled_s)s)
        ),
        broadcast.last_sampled_at,
        calendar.ends_at - INTERVAL '1 second'
    ) AS sampled_at,
    watched.peak_viewers AS viewers,
    told.thumbnail_url AS picture_url
FROM trends.zone_day AS calendar
INNER JOIN trends.channel_rank AS ranked
    ON ranked.zone = calendar.zone
    AND ranked.day = calendar.day
    AND ranked.list = 'all'
    AND ranked.rank_by_hours_watched <= %(first)s
CROSS JOIN LATERAL (
    SELECT
        broadcast_day.platform,
        broadcast_day.broadcast_key,
        broadcast_day.peak_viewers,
        broadcast_day.peak_at
    FROM trends.broadcast_day AS broadcast_day
    WHERE
        broadcast_day.channel_key = ranked.channel_key
        AND broadcast_day.zone = ranked.zone
        AND broadcast_day.day = ranked.day
        AND broadcast_day.samples > 0
    ORDER BY
        broadcast_day.viewer_ms DESC,
        broadcast_day.broadcast_key
    LIMIT 1
) AS watched
INNER JOIN live.broadcast AS broadcast ON broadcast.broadcast_key = watched.broadcast_key
CROSS JOIN LATERAL (
    SELECT detail.thumbnail_url
    FROM live.broadcast_detail AS detail
    WHERE
        detail.broadcast_key = watched.broadcast_key
        AND detail.thumbnail_url IS NOT NULL
    ORDER BY
        detail.observed_from DESC,
        detail.detail_key
    LIMIT 1
) AS told
WHERE
    calendar.zone = %(zone)s
    AND calendar.day = %(day)s
    AND ranked.platform = ANY(%(platforms)s::live.platform[])
    AND NOT EXISTS (
        SELECT
        FROM live.thumbnail AS thumbnail
        WHERE
            thumbnail.channel_key = ranked.channel_key
            AND thumbnail.captured_at >= calendar.starts_at
            AND thumbnail.captured_at < calendar.ends_at
    )
ORDER BY
    ranked.platform,
    ranked.rank_by_hours_watched;
