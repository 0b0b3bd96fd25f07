-- One row, or none where no such channel is known; reads only.
SELECT
    channel.channel_key,
    channel.platform::TEXT AS platform,
    channel.channel_id,
    channel.name AS channel_name,
    channel.handle AS channel_handle,
    channel.observed_at
FROM live.channel AS channel
WHERE
    channel.platform = %(platform)s::live.platform
    AND channel.channel_id = %(channel_id)s;
