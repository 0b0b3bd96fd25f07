-- Room for one row per hour: its peak concurrent; gone with the transaction.
CREATE TEMPORARY TABLE hour_concurrent (
    hour TIMESTAMPTZ NOT NULL,
    viewers BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    hidden_broadcasts INTEGER NOT NULL
) ON COMMIT DROP
