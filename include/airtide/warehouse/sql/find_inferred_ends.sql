-- The broadcasts whose inferred end is another than the one on record, with the one that settled sweeps imply, or none.
-- Looks at those that are open, and at those whose end lies within reach of sweeps that settled late; reads only.
-- The rule is that of domain/ends.py. Nothing is joined back to what it was made of: the planner cannot know how many
-- broadcasts are silent, and takes them for one.
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
missed AS (
    SELECT
        silent.*,
        listing.sampled_at
    FROM silent
    LEFT JOIN listing
        ON listing.sampled_at > silent.last_sampled_at
        AND listing.sampled_at <= silent.until_at
        AND (listing.viewer_floor = 0 OR silent.last_viewers >= %(floor_margin)s * listing.viewer_floor)
    UNION ALL
    SELECT
        silent.*,
        asked.sampled_at
    FROM silent
    INNER JOIN asked
        ON asked.broadcast_id = silent.broadcast_id
        AND asked.sampled_at > silent.last_sampled_at
        AND asked.sampled_at <= silent.until_at
),
judged AS (
    SELECT
        broadcast_key,
        last_sampled_at,
        ended_at,
        ended_by,
        CASE WHEN COUNT(DISTINCT sampled_at) >= %(misses_to_end)s THEN MIN(sampled_at) END AS absent_at,
        latest_at > until_at AS is_silent
    FROM missed
    GROUP BY
        broadcast_key,
        last_sampled_at,
        until_at,
        ended_at,
        ended_by,
        latest_at
),
inferred AS (
    SELECT
        broadcast_key,
        ended_at AS known_ended_at,
        ended_by AS known_ended_by,
        CASE
            WHEN absent_at IS NOT NULL THEN absent_at
            WHEN is_silent THEN last_sampled_at
        END AS ended_at,
        CASE
            WHEN absent_at IS NOT NULL THEN 'absence'
            WHEN is_silent THEN 'silence'
        END AS ended_by
    FROM judged
)
SELECT
    broadcast_key,
    ended_at,
    ended_by
FROM inferred
WHERE (known_ended_at, known_ended_by) IS DISTINCT FROM (ended_at, ended_by)
