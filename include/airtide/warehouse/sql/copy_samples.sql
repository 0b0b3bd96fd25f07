-- One row per sample; a second run fails on the first sample that is there, and is rolled back with its batch.
COPY live.sample (platform, sampled_at, broadcast_key, detail_key, viewers, cadence_s)
FROM STDIN (FORMAT BINARY)
