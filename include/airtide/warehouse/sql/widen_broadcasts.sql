-- The bounds of known broadcasts, widened by what a batch tells; told twice changes nothing. An end that was inferred is
-- withdrawn by a later sample, and gives way to the site's word. A batch that begins with the last count goes on with its
-- run, unless samples came out of their order.
UPDATE live.broadcast AS known
SET
    started_at = LEAST(known.started_at, told.started_at),
    ended_at = CASE
        WHEN known.ended_by = 'site' OR told.ended_at IS NOT NULL
            THEN GREATEST(CASE WHEN known.ended_by = 'site' THEN known.ended_at END, told.ended_at)
        WHEN told.last_sampled_at > known.last_sampled_at THEN NULL
        ELSE known.ended_at
    END,
    ended_by = CASE
        WHEN known.ended_by = 'site' OR told.ended_at IS NOT NULL THEN 'site'
        WHEN told.last_sampled_at > known.last_sampled_at THEN NULL
        ELSE known.ended_by
    END,
    first_sampled_at = LEAST(known.first_sampled_at, told.first_sampled_at),
    last_sampled_at = GREATEST(known.last_sampled_at, told.last_sampled_at),
    last_viewers = CASE
        WHEN told.last_sampled_at IS NULL OR told.last_sampled_at <= known.last_sampled_at THEN known.last_viewers
        ELSE told.last_viewers
    END,
    unchanged_since = CASE
        WHEN told.last_sampled_at IS NULL OR told.last_sampled_at <= known.last_sampled_at
            OR told.goes_on AND known.last_viewers = told.last_viewers AND known.last_sampled_at < told.first_sampled_at
            THEN known.unchanged_since
        ELSE told.last_unchanged_since
    END,
    unchanged_samples = CASE
        WHEN told.last_sampled_at IS NULL OR told.last_sampled_at <= known.last_sampled_at THEN known.unchanged_samples
        WHEN told.goes_on AND known.last_viewers = told.last_viewers AND known.last_sampled_at < told.first_sampled_at
            THEN known.unchanged_samples + told.last_unchanged_samples
        ELSE told.last_unchanged_samples
    END
FROM (
    SELECT
        *,
        last_unchanged_since = first_sampled_at AS goes_on
    FROM pg_temp.told_broadcast
) AS told
WHERE known.broadcast_key = told.broadcast_key
    AND (
        (told.started_at IS NOT NULL AND LEAST(known.started_at, told.started_at) IS DISTINCT FROM known.started_at)
        OR (told.ended_at IS NOT NULL AND (known.ended_by IS DISTINCT FROM 'site' OR told.ended_at > known.ended_at))
        OR LEAST(known.first_sampled_at, told.first_sampled_at) IS DISTINCT FROM known.first_sampled_at
        OR GREATEST(known.last_sampled_at, told.last_sampled_at) IS DISTINCT FROM known.last_sampled_at
    )
