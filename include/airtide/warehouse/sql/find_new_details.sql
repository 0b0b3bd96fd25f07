-- The details among those told that are not known, only from later on, or whose texts were forgotten; reads only.
SELECT told.detail_key
FROM UNNEST(%(detail_keys)b::BIGINT[], %(observed_from_ms)b::BIGINT[]) AS told (detail_key, observed_from_ms)
LEFT JOIN live.broadcast_detail AS known ON known.detail_key = told.detail_key
WHERE known.detail_key IS NULL
    OR known.observed_from > TIMESTAMPTZ 'epoch' + told.observed_from_ms * INTERVAL '1 millisecond'
    OR known.forgotten_at IS NOT NULL
