-- One row per broadcast and time whose object is in the store; none so near to another one of its broadcast, none of a
-- placeholder, none whose object is condemned. Again it adds nothing. Locks are taken in the order of keys.
WITH told AS (
    SELECT *
    FROM UNNEST(
        %(platforms)s::live.platform[],
        %(broadcast_keys)s::BIGINT[],
        %(channel_keys)s::BIGINT[],
        %(captured_at)s::TIMESTAMPTZ[],
        %(sha256s)s::TEXT[],
        %(object_keys)s::TEXT[],
        %(bytes)s::INTEGER[],
        %(widths)s::INTEGER[],
        %(heights)s::INTEGER[],
        %(picture_urls)s::TEXT[],
        %(etags)s::TEXT[],
        %(last_modified)s::TEXT[],
        %(every)s::INTERVAL[]
    ) AS told (
        platform,
        broadcast_key,
        channel_key,
        captured_at,
        sha256,
        object_key,
        bytes,
        width,
        height,
        picture_url,
        etag,
        last_modified,
        every
    )
),
stored_object AS (
    SELECT
        told.object_key,
        MIN(told.bytes) AS bytes,
        MIN(told.captured_at) AS captured_at
    FROM told
    GROUP BY told.object_key
),
locked AS MATERIALIZED (
    SELECT object.object_key
    FROM live.picture_object AS object
    WHERE object.object_key = ANY(%(object_keys)s)
        AND object.condemned_at IS NULL
    ORDER BY object.object_key
    FOR UPDATE
),
kept AS (
    UPDATE live.picture_object AS object
    SET
        stored_at = COALESCE(object.stored_at, stored_object.captured_at),
        bytes = stored_object.bytes
    FROM locked
    INNER JOIN stored_object ON stored_object.object_key = locked.object_key
    WHERE object.object_key = locked.object_key
    RETURNING object.object_key
)
INSERT INTO live.thumbnail (
    broadcast_key,
    captured_at,
    platform,
    channel_key,
    sha256,
    object_key,
    width,
    height,
    picture_url,
    etag,
    last_modified
)
SELECT
    told.broadcast_key,
    told.captured_at,
    told.platform,
    told.channel_key,
    told.sha256,
    told.object_key,
    told.width,
    told.height,
    told.picture_url,
    told.etag,
    told.last_modified
FROM told
INNER JOIN kept ON kept.object_key = told.object_key
WHERE NOT EXISTS (
    SELECT FROM live.placeholder
    WHERE placeholder.platform = told.platform
        AND placeholder.sha256 = told.sha256
)
    AND NOT EXISTS (
        SELECT FROM live.thumbnail AS other
        WHERE other.broadcast_key = told.broadcast_key
            AND other.captured_at > told.captured_at - told.every
            AND other.captured_at < told.captured_at + told.every
    )
ON CONFLICT (broadcast_key, captured_at) DO NOTHING
