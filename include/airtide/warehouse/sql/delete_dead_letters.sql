-- Deletes a slice of one platform's dead letters that are older than its raw age; none are left when no row is told.
DELETE FROM ingest.dead_letter
WHERE ctid = ANY(ARRAY(
    SELECT ctid
    FROM ingest.dead_letter
    WHERE SPLIT_PART(topic, '.', 3) = %(platform)s
        AND found_at < %(before)s
    LIMIT %(slice)s
))
