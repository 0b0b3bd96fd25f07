-- One row a topic and reason of the dead letters of the query, most first; reads only.
SELECT
    topic,
    reason,
    COUNT(*) AS letters,
    COUNT(replayed_at) AS replayed,
    MIN(found_at) AS first_found_at,
    MAX(found_at) AS last_found_at
FROM ingest.dead_letter
WHERE
    topic = ANY(%(topics)s)
    AND (%(reason)s::TEXT IS NULL OR reason = %(reason)s)
    AND (%(found_from)s::TIMESTAMPTZ IS NULL OR found_at >= %(found_from)s)
    AND (%(found_until)s::TIMESTAMPTZ IS NULL OR found_at < %(found_until)s)
    AND (%(offset_from)s::BIGINT IS NULL OR record_offset >= %(offset_from)s)
    AND (%(offset_until)s::BIGINT IS NULL OR record_offset < %(offset_until)s)
    AND (%(with_replayed)s OR replayed_at IS NULL)
GROUP BY
    topic,
    reason
ORDER BY
    letters DESC,
    topic,
    reason
