-- One row per broadcast asked for by id: what it was told and when it is due again; a second run writes the same, and an
-- older sweep nothing.
UPDATE ingest.candidate
SET
    last_asked_at = %(asked_at)s,
    next_due_at = answer.due_at,
    last_seen_at = COALESCE(answer.seen_at, candidate.last_seen_at),
    ended_at = COALESCE(answer.ended_at, candidate.ended_at),
    is_resting = answer.is_resting,
    volatility = answer.volatility,
    viewers = answer.viewers,
    counted_at = answer.counted_at
FROM UNNEST(
    %(broadcast_ids)s::TEXT[],
    %(due_at)s::TIMESTAMPTZ[],
    %(seen_at)s::TIMESTAMPTZ[],
    %(ended_at)s::TIMESTAMPTZ[],
    %(is_resting)s::BOOLEAN[],
    %(volatility)s::DOUBLE PRECISION[],
    %(viewers)s::INTEGER[],
    %(counted_at)s::TIMESTAMPTZ[]
) AS answer (broadcast_id, due_at, seen_at, ended_at, is_resting, volatility, viewers, counted_at)
WHERE
    candidate.platform = %(platform)s
    AND candidate.broadcast_id = answer.broadcast_id
    AND (candidate.last_asked_at IS NULL OR candidate.last_asked_at <= %(asked_at)s);
