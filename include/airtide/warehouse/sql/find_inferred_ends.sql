-- The broadcasts whose inferred end is another than the one on record, with the one that settled sweeps imply, or none.
-- Looks at those that are open, and at those whose end lies within reach of the sweeps that settled just now; reads only.
-- The rule is that of domain/ends.py.
WITH latest AS (
    SELECT MAX(sampled_at) AS sampled_at
    FROM ingest.sweep
    WHERE platform = %(platform)s
        AND settled_at IS NOT NULL
),
silent AS MATERIALIZED (
    SELECT
        broadcast.broadcast_key,
        broadcast.broadcast_id,
        broadcast.last_sampled_at,
        broadcast.last_sampled_at + %(max_silence)s AS until_at,
        broadcast.last_viewers,
        broadcast.ended_at,
        broadcast.ended_by,
        latest.sampled_at AS latest_at
    FROM live.broadcast AS broadcast
    INNER JOIN latest ON latest.sampled_at > broadcast.last_sampled_at
    WHERE broadcast.platform = %(platform)s
        AND broadcast.ended_by IS DISTINCT FROM 'site'
        AND (
            broadcast.ended_at IS NULL
            OR broadcast.ended_at BETWEEN %(from_at)s::TIMESTAMPTZ AND %(to_at)s::TIMESTAMPTZ
        )
),
-- a listing speaks only when it was read to its end and all its records are here: a refused or lost one may be the one
listing AS MATERIALIZED (
    SELECT
        sampled_at,
        MIN(COALESCE(viewer_floor, 0)) AS viewer_floor
    FROM ingest.sweep
    WHERE platform = %(platform)s
        AND sampled_at > (SELECT MIN(last_sampled_at) FROM silent)
        AND settled_at IS NOT NULL
        AND scope = 'listing'
        AND outcome = 'complete'
        AND NOT is_filtered
        AND rejects = 0
        AND NOT EXISTS (
            SELECT
            FROM ingest.loss
            INNER JOIN JSONB_EACH_TEXT(sweep.end_offsets) AS ended (topic_partition, end_offset)
                ON ended.topic_partition::INTEGER = loss.topic_partition
            WHERE loss.topic = %(topic)s
                AND loss.start_offset < ended.end_offset::BIGINT
                AND loss.end_offset > ended.end_offset::BIGINT - sweep.snapshots
        )
    GROUP BY sampled_at
),
-- an id is absent only when the page that asked for it was answered, whatever became of the others
asked AS MATERIALIZED (
    SELECT
        sweep.sampled_at,
        absent.broadcast_id
    FROM ingest.sweep AS sweep
    CROSS JOIN UNNEST(sweep.absent) AS absent (broadcast_id)
    WHERE sweep.platform = %(platform)s
        AND sweep.sampled_at > (SELECT MIN(last_sampled_at) FROM silent)
        AND sweep.settled_at IS NOT NULL
        AND sweep.scope = 'by_id'
),
miss AS (
    SELECT
        silent.broadcast_key,
        listing.sampled_at
    FROM silent
    INNER JOIN listing
        ON listing.sampled_at > silent.last_sampled_at
        AND listing.sampled_at <= silent.until_at
        AND (listing.viewer_floor = 0 OR silent.last_viewers >= %(floor_margin)s * listing.viewer_floor)
    UNION
    SELECT
        silent.broadcast_key,
        asked.sampled_at
    FROM silent
    INNER JOIN asked
        ON asked.broadcast_id = silent.broadcast_id
        AND asked.sampled_at > silent.last_sampled_at
        AND asked.sampled_at <= silent.until_at
),
absence AS (
    SELECT
        broadcast_key,
        MIN(sampled_at) AS sampled_at
    FROM miss
    GROUP BY broadcast_key
    HAVING COUNT(*) >= %(misses_to_end)s
),
inferred AS (
    SELECT
        silent.broadcast_key,
        silent.ended_at AS known_ended_at,
        silent.ended_by AS known_ended_by,
        CASE
            WHEN absence.sampled_at IS NOT NULL THEN absence.sampled_at
            WHEN silent.latest_at > silent.until_at THEN silent.last_sampled_at
        END AS ended_at,
        CASE
            WHEN absence.sampled_at IS NOT NULL THEN 'absence'
            WHEN silent.latest_at > silent.until_at THEN 'silence'
        END AS ended_by
    FROM silent
    LEFT JOIN absence ON absence.broadcast_key = silent.broadcast_key
)
SELECT
    broadcast_key,
    ended_at,
    ended_by
FROM inferred
WHERE (known_ended_at, known_ended_by) IS DISTINCT FROM (ended_at, ended_by)
