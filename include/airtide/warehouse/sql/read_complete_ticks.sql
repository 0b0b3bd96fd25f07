-- One row per tick of a platform that a complete sweep has landed for, within two instants; reads only.
SELECT DISTINCT sweep.sampled_at
FROM ingest.sweep AS sweep
WHERE
    sweep.platform = %(platform)s
    AND sweep.sampled_at BETWEEN %(first_at)s AND %(last_at)s
    AND sweep.outcome = 'complete'
ORDER BY sweep.sampled_at;
