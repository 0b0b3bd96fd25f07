-- One row per broadcast of a batch, into a table of the session; what fails is rolled back with its batch.
COPY pg_temp.told_broadcast (
    broadcast_key,
    channel_key,
    started_at,
    ended_at,
    first_sampled_at,
    last_sampled_at,
    first_viewers,
    first_unchanged_until,
    first_unchanged_samples,
    last_viewers,
    last_unchanged_since,
    last_unchanged_samples
)
FROM STDIN (FORMAT BINARY)
