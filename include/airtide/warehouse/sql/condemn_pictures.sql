-- Condemns the objects of one platform that no row needs and nobody has claimed lately; again it does nothing. From then
-- on they count as not stored: who claims one writes it again.
UPDATE live.picture_object AS object
SET
    condemned_at = %(now)s,
    stored_at = NULL
WHERE object.platform = %(platform)s
    AND object.condemned_at IS NULL
    AND object.claimed_at <= %(claimed_before)s
    AND NOT EXISTS (
        SELECT FROM live.thumbnail
        WHERE thumbnail.object_key = object.object_key
    )
