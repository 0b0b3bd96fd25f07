-- One row per broadcast asked for by id: when it was asked, when it was told live, and its end; a second run writes the same.
UPDATE ingest.candidate
SET
    last_asked_at = %(asked_at)s,
    last_seen_at = CASE WHEN answer.is_live THEN %(asked_at)s ELSE candidate.last_seen_at END,
    ended_at = COALESCE(answer.ended_at, candidate.ended_at)
FROM UNNEST(
    %(broadcast_ids)s::TEXT[],
    %(is_live)s::BOOLEAN[],
    %(ended_at)s::TIMESTAMPTZ[]
) AS answer (broadcast_id, is_live, ended_at)
WHERE
    candidate.platform = %(platform)s
    AND candidate.broadcast_id = answer.broadcast_id;
