-- The latest tick of which a sweep has landed; reads only.
SELECT MAX(sampled_at)
FROM ingest.sweep
WHERE platform = %(platform)s
