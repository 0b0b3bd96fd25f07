COPY pg_temp.told_sample (platform, sampled_at, broadcast_key, detail_key, viewers, cadence_s)
FROM STDIN (FORMAT BINARY)
