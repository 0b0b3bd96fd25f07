-- One row per broadcast and tick: the first snapshot of that tick by life of the topic and record offset. A snapshot that
-- tells an end is no sample.
SELECT
    broadcast_key,
    at_s,
    viewers,
    cadence_s,
    category_key,
    language
FROM (
    SELECT
        broadcast_key,
        at_s,
        viewers,
        cadence_s,
        category_key,
        language,
        ROW_NUMBER() OVER (PARTITION BY broadcast_key, at_s ORDER BY life, record_offset) AS place
    FROM snapshot
    WHERE ended_ms IS NULL
) AS placed
WHERE place = 1
