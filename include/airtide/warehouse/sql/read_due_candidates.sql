-- One row per broadcast that is due and has not ended, those asked longest ago first; reads only.
SELECT broadcast_id
FROM ingest.candidate
WHERE
    platform = %(platform)s
    AND ended_at IS NULL
    AND next_due_at <= %(at)s
ORDER BY
    last_asked_at NULLS FIRST,
    broadcast_id
LIMIT %(limit)s;
