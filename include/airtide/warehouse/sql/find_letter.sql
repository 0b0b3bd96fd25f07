-- At most one row: the dead letter at a place, of the topic's last life where it was made anew; reads only.
SELECT
    topic,
    topic_id,
    topic_partition,
    record_offset,
    reason,
    detail,
    headers,
    raw,
    found_at,
    replayed_at
FROM ingest.dead_letter
WHERE
    topic = %(topic)s
    AND topic_partition = %(topic_partition)s
    AND record_offset = %(record_offset)s
ORDER BY found_at DESC
LIMIT 1
