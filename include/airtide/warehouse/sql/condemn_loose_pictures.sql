-- One row an object that nothing lists, condemned from the start; no row where somebody has claimed it meanwhile.
INSERT INTO live.picture_object (
    object_key,
    platform,
    sha256,
    claimed_at,
    condemned_at
)
SELECT
    told.object_key,
    %(platform)s,
    told.sha256,
    %(now)s,
    %(now)s
FROM UNNEST(
    %(object_keys)s::TEXT[],
    %(sha256s)s::TEXT[]
) AS told (object_key, sha256)
ON CONFLICT (object_key) DO NOTHING
