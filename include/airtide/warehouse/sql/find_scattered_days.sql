-- One row per day and kind of a platform with more than one object that counts, the oldest first; reads only.
SELECT
    day,
    kind
FROM ingest.lake_object
WHERE platform = %(platform)s
    AND day BETWEEN %(first_day)s AND %(last_day)s
    AND retired_at IS NULL
GROUP BY
    day,
    kind
HAVING COUNT(*) > 1
ORDER BY
    day,
    kind
