-- One row a listed object of one platform's snapshots that holds a tick of a span of time, by the time of its first one;
-- reads only.
SELECT
    object_key,
    rows
FROM ingest.lake_object
WHERE platform = %(platform)s
    AND kind = 'snapshots'
    AND retired_at IS NULL
    AND day >= (%(from_at)s AT TIME ZONE 'UTC')::DATE
    AND day <= (%(to_at)s AT TIME ZONE 'UTC')::DATE
    AND min_sampled_at < %(to_at)s
    AND max_sampled_at >= %(from_at)s
ORDER BY
    min_sampled_at,
    object_key
