-- Deletes a slice of the flags of one platform's samples that have expired; none are left when no row is told.
DELETE FROM live.sample_flag
WHERE ctid = ANY(ARRAY(
    SELECT ctid
    FROM live.sample_flag
    WHERE platform = %(platform)s
        AND sampled_at < %(before)s
    LIMIT %(slice)s
))
