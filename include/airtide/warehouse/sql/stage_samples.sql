-- The samples of a batch that holds one known already; gone with its transaction.
CREATE TEMPORARY TABLE told_sample (
    platform live.platform NOT NULL,
    sampled_at TIMESTAMPTZ NOT NULL,
    broadcast_key BIGINT NOT NULL,
    detail_key BIGINT NOT NULL,
    viewers INTEGER,
    cadence_s INTEGER NOT NULL
) ON COMMIT DROP
