-- One row per broadcast that is missing for too long, or that ended long ago; a second run finds none.
DELETE FROM ingest.candidate
WHERE
    platform = %(platform)s
    AND (
        (broadcast_id = ANY(%(missing)s::TEXT[]) AND ended_at IS NULL AND last_seen_at < %(missing_since)s)
        OR ended_at < %(ended_before)s
    );
