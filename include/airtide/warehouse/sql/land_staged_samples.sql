-- One row a sample that is not known yet: of two with one key the first to land stays. Returns their hours and number.
WITH landed AS (
    INSERT INTO live.sample (platform, sampled_at, broadcast_key, detail_key, viewers, cadence_s)
    SELECT
        platform,
        sampled_at,
        broadcast_key,
        detail_key,
        viewers,
        cadence_s
    FROM pg_temp.told_sample
    ON CONFLICT (platform, sampled_at, broadcast_key) DO NOTHING
    RETURNING sampled_at
)
SELECT
    DATE_TRUNC('hour', sampled_at) AS hour,
    COUNT(*) AS samples
FROM landed
GROUP BY hour
ORDER BY hour
