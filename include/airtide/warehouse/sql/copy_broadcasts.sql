COPY pg_temp.told_broadcast (broadcast_key, channel_key, started_at, ended_at, first_sampled_at, last_sampled_at)
FROM STDIN (FORMAT BINARY)
