-- One row per channel of one platform with this id or, in any case of letters, this handle; that of the id first; reads only.
SELECT
    channel.channel_key,
    channel.platform::TEXT AS platform,
    channel.channel_id,
    channel.name AS channel_name,
    channel.handle AS channel_handle,
    channel.channel_id = %(name)s AS is_by_id
FROM live.channel AS channel
WHERE
    channel.platform = %(platform)s::live.platform
    AND (channel.channel_id = %(name)s OR LOWER(channel.handle) = LOWER(%(name)s))
ORDER BY
    is_by_id DESC,
    channel.channel_id
LIMIT %(limit)s;
