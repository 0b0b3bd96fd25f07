-- Takes the sentence from locked objects that a row needs after all, which then are in the store as they were; under their
-- locks no row can come to need another.
UPDATE live.picture_object AS object
SET
    condemned_at = NULL,
    stored_at = COALESCE(object.stored_at, object.claimed_at)
WHERE object.object_key = ANY(%(object_keys)s)
    AND EXISTS (
        SELECT FROM live.thumbnail
        WHERE thumbnail.object_key = object.object_key
    )
RETURNING object.object_key
