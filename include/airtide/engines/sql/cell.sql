-- One row per sample: where its cell starts and ends. Half of a whole number of seconds is a whole number of
-- milliseconds. A neighbour that is not there lies farther than an hour away, unless the broadcast begins or ends here.
-- No LEAST or GREATEST: they pass over NULL, and a bound that is missing would become one that is met.
WITH neighbours AS (
    SELECT
        sample.broadcast_key,
        sample.at_s,
        sample.viewers,
        sample.cadence_s,
        sample.category_key,
        sample.language,
        CASE WHEN sample.cadence_s < 1200 THEN 3 * sample.cadence_s ELSE 3600 END AS max_gap_s,
        LAG(sample.at_s) OVER by_time AS previous_s,
        LAG(CASE WHEN sample.cadence_s < 1200 THEN 3 * sample.cadence_s ELSE 3600 END) OVER by_time
            AS previous_max_gap_s,
        LEAD(sample.at_s) OVER by_time AS next_s
    FROM sample
    WINDOW by_time AS (PARTITION BY sample.broadcast_key ORDER BY sample.at_s)
)
SELECT
    neighbours.broadcast_key,
    neighbours.at_s,
    neighbours.viewers,
    neighbours.category_key,
    neighbours.language,
    CASE WHEN neighbours.at_s = broadcast.first_s THEN 1 ELSE 0 END AS is_first,
    CASE WHEN neighbours.at_s = broadcast.last_s THEN 1 ELSE 0 END AS is_last,
    CASE
        WHEN broadcast.ended_ms IS NULL THEN 0
        WHEN neighbours.at_s * 1000 >= broadcast.ended_ms THEN 1
        ELSE 0
    END AS is_after_end,
    CASE
        WHEN neighbours.previous_s IS NOT NULL THEN
            CASE
                WHEN neighbours.at_s - neighbours.previous_s <= neighbours.previous_max_gap_s
                    THEN (neighbours.at_s + neighbours.previous_s) * 500
                ELSE neighbours.at_s * 1000
            END
        WHEN neighbours.at_s <> broadcast.first_s THEN neighbours.at_s * 1000
        WHEN broadcast.started_ms IS NULL THEN neighbours.at_s * 1000 - neighbours.cadence_s * 500
        WHEN broadcast.started_ms >= neighbours.at_s * 1000 THEN neighbours.at_s * 1000
        WHEN neighbours.at_s * 1000 - broadcast.started_ms <= neighbours.max_gap_s * 1000 THEN broadcast.started_ms
        ELSE neighbours.at_s * 1000 - neighbours.cadence_s * 500
    END AS starts_ms,
    CASE
        WHEN neighbours.next_s IS NOT NULL THEN
            CASE
                WHEN neighbours.next_s - neighbours.at_s <= neighbours.max_gap_s
                    THEN (neighbours.at_s + neighbours.next_s) * 500
                ELSE (neighbours.at_s + neighbours.cadence_s) * 1000
            END
        WHEN neighbours.at_s <> broadcast.last_s THEN (neighbours.at_s + neighbours.cadence_s) * 1000
        WHEN broadcast.ended_ms IS NULL THEN neighbours.at_s * 1000 + neighbours.cadence_s * 500
        WHEN broadcast.ended_ms <= neighbours.at_s * 1000 THEN neighbours.at_s * 1000
        WHEN broadcast.ended_ms - neighbours.at_s * 1000 <= neighbours.max_gap_s * 1000 THEN broadcast.ended_ms
        ELSE neighbours.at_s * 1000 + neighbours.cadence_s * 500
    END AS ends_ms
FROM neighbours
INNER JOIN broadcast
    ON broadcast.broadcast_key = neighbours.broadcast_key
