-- One row per sample of a batch, into a table of the session; what fails is rolled back with its batch.
COPY pg_temp.told_sample (platform, sampled_at, broadcast_key, detail_key, viewers, cadence_s)
FROM STDIN (FORMAT BINARY)
