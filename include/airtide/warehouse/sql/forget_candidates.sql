-- One row per broadcast that is missing for too long, or ended and not heard of for long; a second run finds none.
DELETE FROM ingest.candidate
WHERE
    platform = %(platform)s
    AND (
        (broadcast_id = ANY(%(missing)s::TEXT[]) AND ended_at IS NULL AND last_seen_at < %(missing_since)s)
        OR (ended_at IS NOT NULL AND GREATEST(last_asked_at, last_found_at) < %(remembered_since)s)
    );
