-- One row: the numbers of one channel in one day of a zone as they are kept, or none; reads only.
SELECT
    channel_day.broadcasts,
    channel_day.samples,
    channel_day.known_samples,
    channel_day.airtime_ms,
    channel_day.known_airtime_ms,
    channel_day.live_ms,
    channel_day.viewer_ms,
    channel_day.peak_viewers,
    channel_day.peak_at,
    channel_day.definitions_version,
    channel_day.computed_at,
    channel_day.revision
FROM trends.channel_day AS channel_day
WHERE
    channel_day.zone = %(zone)s
    AND channel_day.day = %(day)s
    AND channel_day.platform = %(platform)s::live.platform
    AND channel_day.channel_key = %(channel_key)s;
