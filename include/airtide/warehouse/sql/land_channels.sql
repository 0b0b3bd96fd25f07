-- One row a channel, as observed last; an older observation, or a newer one of the same within the hour, changes nothing.
-- Most change nothing: they are left out beforehand, since each conflict locks its row and writes that into the log.
INSERT INTO live.channel AS known (channel_key, platform, channel_id, handle, name, observed_at)
SELECT
    told.channel_key,
    %(platform)s,
    told.channel_id,
    told.handle,
    told.name,
    TIMESTAMPTZ 'epoch' + told.observed_at_ms * INTERVAL '1 millisecond'
FROM UNNEST(
    %(channel_keys)b::BIGINT[],
    %(channel_ids)b::TEXT[],
    %(handles)b::TEXT[],
    %(names)b::TEXT[],
    %(observed_at_ms)b::BIGINT[]
) AS told (channel_key, channel_id, handle, name, observed_at_ms)
LEFT JOIN live.channel AS met ON met.channel_key = told.channel_key
WHERE met.channel_key IS NULL
    OR TIMESTAMPTZ 'epoch' + told.observed_at_ms * INTERVAL '1 millisecond' >= met.observed_at + INTERVAL '1 hour'
    OR COALESCE(told.handle, met.handle) IS DISTINCT FROM met.handle
    OR COALESCE(told.name, met.name) IS DISTINCT FROM met.name
ON CONFLICT (platform, channel_id) DO UPDATE SET
    handle = COALESCE(EXCLUDED.handle, known.handle),
    name = COALESCE(EXCLUDED.name, known.name),
    observed_at = EXCLUDED.observed_at
WHERE EXCLUDED.observed_at >= known.observed_at + INTERVAL '1 hour'
    OR (
        EXCLUDED.observed_at > known.observed_at
        AND (
            COALESCE(EXCLUDED.handle, known.handle) IS DISTINCT FROM known.handle
            OR COALESCE(EXCLUDED.name, known.name) IS DISTINCT FROM known.name
        )
    )
