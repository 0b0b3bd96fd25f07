-- Empties a slice of the names and handles of one platform's channels that were last seen before an instant; none are left
-- when no row is told. Seen again, a channel has them again.
UPDATE live.channel
SET
    handle = NULL,
    name = NULL
WHERE channel_key = ANY(ARRAY(
    SELECT channel_key
    FROM live.channel
    WHERE
        platform = %(platform)s::live.platform
        AND observed_at < %(before)s
        AND (handle IS NOT NULL OR name IS NOT NULL)
    LIMIT %(slice)s
))
