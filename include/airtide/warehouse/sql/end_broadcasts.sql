-- The inferred ends of broadcasts, or their withdrawal; an end that the site told stays.
UPDATE live.broadcast
SET
    ended_at = inferred.ended_at,
    ended_by = inferred.ended_by
FROM UNNEST(%(broadcast_keys)s::BIGINT[], %(ended_at)s::TIMESTAMPTZ[], %(ended_by)s::TEXT[])
    AS inferred (broadcast_key, ended_at, ended_by)
WHERE broadcast.broadcast_key = inferred.broadcast_key
    AND broadcast.ended_by IS DISTINCT FROM 'site'
