-- Deletes a slice of the channels of one platform that were last seen before an instant and that neither a broadcast nor a
-- day tells of any more; none are left when no row is told.
DELETE FROM live.channel
WHERE channel_key = ANY(ARRAY(
    SELECT channel.channel_key
    FROM live.channel AS channel
    WHERE
        channel.platform = %(platform)s::live.platform
        AND channel.observed_at < %(before)s
        AND NOT EXISTS (SELECT FROM live.broadcast AS told WHERE told.channel_key = channel.channel_key)
        AND NOT EXISTS (SELECT FROM trends.channel_day AS told WHERE told.channel_key = channel.channel_key)
    LIMIT %(slice)s
))
