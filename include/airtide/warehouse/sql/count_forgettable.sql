-- One row: the hours and days of one platform that hold statistics older than their age, and the channels, broadcasts and
-- pictures whose texts are older than theirs; reads only.
SELECT
    (
        SELECT COUNT(*)
        FROM trends.platform_hour AS kept
        WHERE
            kept.platform = %(platform)s::live.platform
            AND kept.hour < %(statistics_before)s
    ) AS hours,
    (
        SELECT COUNT(*)
        FROM trends.platform_day AS kept
        INNER JOIN trends.zone_day AS calendar USING (zone, day)
        WHERE
            kept.platform = %(platform)s::live.platform
            AND calendar.ends_at <= %(statistics_before)s
    ) AS days,
    (
        SELECT COUNT(*)
        FROM live.channel AS channel
        WHERE
            channel.platform = %(platform)s::live.platform
            AND channel.observed_at < %(text_before)s
            AND (channel.handle IS NOT NULL OR channel.name IS NOT NULL)
    ) AS channels,
    (
        SELECT COUNT(DISTINCT detail.broadcast_key)
        FROM live.broadcast_detail AS detail
        INNER JOIN live.broadcast AS broadcast ON broadcast.broadcast_key = detail.broadcast_key
        WHERE
            broadcast.platform = %(platform)s::live.platform
            AND detail.forgotten_at IS NULL
            AND broadcast.last_sampled_at < %(text_before)s
    ) AS broadcasts,
    (
        SELECT COUNT(*)
        FROM live.thumbnail AS thumbnail
        WHERE
            thumbnail.platform = %(platform)s::live.platform
            AND thumbnail.captured_at < %(text_before)s
            AND thumbnail.picture_url <> ''
    ) AS picture_addresses
