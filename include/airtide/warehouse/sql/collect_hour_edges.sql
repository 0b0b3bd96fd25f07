-- One row per hour and broadcast of one platform: how far its outermost samples reach, told by the states of the hours
-- given and by the broadcast's bounds; makes a table that is gone with the transaction.
-- `next_hour` is the next one of the broadcast that is known here, `from_ms` is where the cell of the hour's first sample
-- begins, `until_ms` where that of its last sample ends.
-- An hour's edges are right when the hours on both sides of it are given too. Whatever has a state in the hours was sampled
-- between the first one's start and the last one's end.
CREATE TEMPORARY TABLE hour_edge ON COMMIT DROP AS
WITH states AS (
    SELECT
        hour,
        broadcast_key,
        category_key,
        first_at,
        first_viewers,
        first_cadence_s,
        first_language,
        last_at,
        last_viewers,
        last_cadence_s,
        last_language
    FROM trends.broadcast_hour
    WHERE
        platform = %(platform)s::live.platform
        AND hour = ANY(%(hours)s::TIMESTAMPTZ[])
    ORDER BY
        broadcast_key,
        hour,
        first_at
),
openings AS (
    SELECT DISTINCT ON (broadcast_key, hour)
        broadcast_key,
        hour,
        first_at,
        first_viewers,
        first_cadence_s,
        category_key AS first_category_key,
        first_language
    FROM states
    ORDER BY
        broadcast_key,
        hour,
        first_at
),
closings AS (
    SELECT DISTINCT ON (broadcast_key, hour)
        broadcast_key,
        hour,
        last_at,
        last_viewers,
        last_cadence_s,
        category_key AS last_category_key,
        last_language
    FROM states
    ORDER BY
        broadcast_key,
        hour,
        last_at DESC
),
-- ticks are whole seconds: they are told exactly by the faster of the two ways to read a time
outermost AS (
    SELECT
        *,
        DATE_PART('epoch', first_at)::BIGINT * 1000 AS first_ms,
        DATE_PART('epoch', last_at)::BIGINT * 1000 AS last_ms,
        LEAST(3000 * last_cadence_s, 3600000) AS last_max_gap_ms
    FROM openings
    INNER JOIN closings USING (broadcast_key, hour)
),
neighbours AS (
    SELECT
        *,
        first_ms - LAG(last_ms) OVER by_time AS since_previous_ms,
        LAG(last_max_gap_ms) OVER by_time AS previous_max_gap_ms,
        LEAD(first_ms) OVER by_time - last_ms AS until_next_ms,
        LEAD(hour) OVER by_time AS next_hour
    FROM outermost
    WINDOW by_time AS (PARTITION BY broadcast_key ORDER BY hour)
),
bounds AS MATERIALIZED (
    SELECT
        broadcast_key,
        channel_key,
        FLOOR(EXTRACT(EPOCH FROM started_at) * 1000)::BIGINT AS started_ms,
        CASE WHEN ended_by = 'site' THEN FLOOR(EXTRACT(EPOCH FROM ended_at) * 1000)::BIGINT END AS ended_ms,
        first_sampled_at,
        last_sampled_at
    FROM live.broadcast
    WHERE
        platform = %(platform)s::live.platform
        AND first_sampled_at < %(until_at)s::TIMESTAMPTZ
        AND last_sampled_at >= %(from_at)s::TIMESTAMPTZ
)
SELECT
    hour,
    next_hour,
    broadcast_key,
    channel_key,
    ended_ms,
    first_at = first_sampled_at AS is_first,
    CASE
        WHEN since_previous_ms <= previous_max_gap_ms THEN first_ms - since_previous_ms / 2
        WHEN since_previous_ms IS NOT NULL OR first_at <> first_sampled_at THEN first_ms
        WHEN first_ms - started_ms <= LEAST(3000 * first_cadence_s, 3600000) THEN LEAST(started_ms, first_ms)
        ELSE first_ms - 500 * first_cadence_s
    END AS from_ms,
    first_ms,
    first_viewers,
    first_category_key,
    first_language,
    last_at = last_sampled_at AS is_last,
    CASE
        WHEN until_next_ms <= last_max_gap_ms THEN last_ms + until_next_ms / 2
        WHEN until_next_ms IS NOT NULL OR last_at <> last_sampled_at THEN last_ms + 1000 * last_cadence_s
        WHEN ended_ms - last_ms <= last_max_gap_ms THEN GREATEST(ended_ms, last_ms)
        ELSE last_ms + 500 * last_cadence_s
    END AS until_ms,
    last_ms,
    last_viewers,
    last_category_key,
    last_language
FROM neighbours
INNER JOIN bounds USING (broadcast_key)
