-- One row an odd run of counts, at its first sample; told again it stays. Runs before the batch's broadcasts are written:
-- the first run of a batch may go on from what is known. Samples that come out of their order are not judged.
WITH judged AS (
    SELECT
        broadcast_key,
        first_sampled_at,
        first_viewers,
        first_unchanged_until,
        known_last_viewers AS viewers_before,
        COALESCE(known_last_viewers = first_viewers, FALSE) AS goes_on,
        CASE WHEN known_last_viewers = first_viewers THEN known_unchanged_since ELSE first_sampled_at END AS since,
        first_unchanged_samples
            + CASE WHEN known_last_viewers = first_viewers THEN known_unchanged_samples ELSE 0 END AS samples
    FROM pg_temp.met_broadcast
    WHERE first_sampled_at > COALESCE(known_last_sampled_at, '-infinity')
)
INSERT INTO live.sample_flag (platform, sampled_at, broadcast_key, flag)
SELECT
    %(platform)s::live.platform,
    since,
    broadcast_key,
    'stuck'
FROM judged
WHERE first_viewers >= %(min_viewers)s
    AND samples >= %(min_samples)s
    AND first_unchanged_until - since >= %(min_span)s
UNION
SELECT
    %(platform)s::live.platform,
    first_sampled_at,
    broadcast_key,
    'glitch_to_one'
FROM judged
WHERE first_viewers = %(glitch_count)s
    AND viewers_before >= %(min_viewers)s
UNION
SELECT
    %(platform)s::live.platform,
    TIMESTAMPTZ 'epoch' + found.sampled_at_ms * INTERVAL '1 millisecond',
    judged.broadcast_key,
    found.flag
FROM UNNEST(%(broadcast_keys)b::BIGINT[], %(sampled_at_ms)b::BIGINT[], %(flags)b::TEXT[], %(are_first)b::BOOLEAN[])
    AS found (broadcast_key, sampled_at_ms, flag, is_first)
INNER JOIN judged ON judged.broadcast_key = found.broadcast_key
WHERE NOT (found.is_first AND judged.goes_on)
ON CONFLICT (broadcast_key, sampled_at, flag) DO NOTHING
