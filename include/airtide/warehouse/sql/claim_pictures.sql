-- One row an object, claimed now and condemned no longer; again it only moves the time. Waits for one that is being
-- removed, and enters it anew. Locks are taken in the order of keys.
INSERT INTO live.picture_object AS object (
    object_key,
    platform,
    sha256,
    claimed_at
)
SELECT
    told.object_key,
    told.platform,
    told.sha256,
    %(now)s
FROM UNNEST(
    %(object_keys)s::TEXT[],
    %(platforms)s::live.platform[],
    %(sha256s)s::TEXT[]
) AS told (object_key, platform, sha256)
ORDER BY told.object_key
ON CONFLICT (object_key) DO UPDATE
SET
    claimed_at = GREATEST(object.claimed_at, EXCLUDED.claimed_at),
    condemned_at = NULL
RETURNING
    object.object_key,
    object.stored_at IS NOT NULL AS is_stored
