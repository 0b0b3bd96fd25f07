-- One row: how much of one platform is older than its raw age; reads only.
SELECT
    (
        SELECT COUNT(*)
        FROM ingest.dead_letter
        WHERE SPLIT_PART(topic, '.', 3) = %(platform)s
            AND found_at < %(before)s
    ) AS dead_letters,
    (
        SELECT COUNT(*)
        FROM live.sample_flag
        WHERE platform = %(platform)s::live.platform
            AND sampled_at < %(before)s
    ) AS flags,
    (
        SELECT COUNT(*)
        FROM live.broadcast
        WHERE platform = %(platform)s::live.platform
            AND last_sampled_at < %(before)s
            AND NUM_NONNULLS(last_viewers, unchanged_since, unchanged_samples) > 0
    ) AS counts,
    (
        SELECT COUNT(*)
        FROM ingest.lake_object
        WHERE platform = %(platform)s::live.platform
            AND max_sampled_at < %(before)s
            AND retired_at IS NULL
    ) AS retired_objects,
    (
        SELECT COUNT(*)
        FROM ingest.lake_object
        WHERE platform = %(platform)s::live.platform
            AND (max_sampled_at < %(before)s OR retired_at <= %(retired_before)s)
    ) AS removed_objects
