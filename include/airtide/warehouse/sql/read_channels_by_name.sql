-- One row per channel whose name, handle or id holds the text, the closest first; reads only.
-- POSITION compares the text as it stands: nothing in it is a pattern.
WITH wanted AS (
    SELECT LOWER(%(text)s::TEXT) AS text
),
matched AS (
    SELECT
        channel.channel_key,
        channel.platform,
        channel.channel_id,
        channel.handle,
        channel.name,
        CASE
            WHEN wanted.text IN (LOWER(channel.name), LOWER(channel.handle), LOWER(channel.channel_id)) THEN 0
            WHEN STARTS_WITH(LOWER(channel.name), wanted.text) THEN 1
            WHEN STARTS_WITH(LOWER(channel.handle), wanted.text) THEN 2
            ELSE 3
        END AS distance
    FROM live.channel AS channel
    CROSS JOIN wanted
    WHERE
        channel.platform = ANY(%(platforms)s::live.platform[])
        AND (
            POSITION(wanted.text IN LOWER(channel.name)) > 0
            OR POSITION(wanted.text IN LOWER(channel.handle)) > 0
            OR wanted.text = LOWER(channel.channel_id)
        )
    ORDER BY
        distance,
        LENGTH(channel.name),
        channel.name,
        channel.channel_key
    LIMIT %(limit)s
)
SELECT
    matched.platform::TEXT AS platform,
    matched.channel_id,
    matched.name AS channel_name,
    matched.handle AS channel_handle,
    (
        SELECT MAX(broadcast.last_sampled_at)
        FROM live.broadcast AS broadcast
        WHERE broadcast.channel_key = matched.channel_key
    ) AS last_sampled_at
FROM matched
ORDER BY
    matched.distance,
    LENGTH(matched.name),
    matched.name,
    matched.channel_key;
