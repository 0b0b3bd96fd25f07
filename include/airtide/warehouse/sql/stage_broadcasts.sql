-- What one batch tells of broadcasts, one row each; gone with its transaction.
CREATE TEMPORARY TABLE told_broadcast (
    broadcast_key BIGINT NOT NULL,
    channel_key BIGINT NOT NULL,
    started_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    first_sampled_at TIMESTAMPTZ,
    last_sampled_at TIMESTAMPTZ,
    first_viewers INTEGER,
    first_unchanged_until TIMESTAMPTZ,
    first_unchanged_samples INTEGER,
    last_viewers INTEGER,
    last_unchanged_since TIMESTAMPTZ,
    last_unchanged_samples INTEGER
) ON COMMIT DROP
