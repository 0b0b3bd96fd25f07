-- Empties a slice of the addresses that one platform's pictures came from before an instant, which may name the channel; none
-- are left when no row is told. A picture whose address is not known is asked for whole the next time.
UPDATE live.thumbnail
SET picture_url = ''
WHERE (broadcast_key, captured_at) IN (
    SELECT
        old.broadcast_key,
        old.captured_at
    FROM live.thumbnail AS old
    WHERE
        old.platform = %(platform)s::live.platform
        AND old.captured_at < %(before)s
        AND old.picture_url <> ''
    LIMIT %(slice)s
)
