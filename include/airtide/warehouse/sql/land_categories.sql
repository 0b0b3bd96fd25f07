-- One row a category, as observed last; an older observation, or a newer one of the same within the hour, changes nothing.
INSERT INTO live.category AS known (category_key, platform, category_id, name, observed_at)
SELECT
    told.category_key,
    %(platform)s,
    told.category_id,
    told.name,
    TIMESTAMPTZ 'epoch' + told.observed_at_ms * INTERVAL '1 millisecond'
FROM UNNEST(
    %(category_keys)b::BIGINT[],
    %(category_ids)b::TEXT[],
    %(names)b::TEXT[],
    %(observed_at_ms)b::BIGINT[]
) AS told (category_key, category_id, name, observed_at_ms)
ON CONFLICT (platform, category_id) DO UPDATE SET
    name = COALESCE(EXCLUDED.name, known.name),
    observed_at = EXCLUDED.observed_at
WHERE EXCLUDED.observed_at >= known.observed_at + INTERVAL '1 hour'
    OR (
        EXCLUDED.observed_at > known.observed_at
        AND COALESCE(EXCLUDED.name, known.name) IS DISTINCT FROM known.name
    )
