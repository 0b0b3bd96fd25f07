-- Room for one row per hour and category and one per hour: its peak concurrent; gone with the transaction.
-- Where `category_key` is NULL the row tells the platform as a whole.
CREATE TEMPORARY TABLE hour_concurrent (
    hour TIMESTAMPTZ NOT NULL,
    category_key BIGINT,
    viewers BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    hidden_broadcasts INTEGER NOT NULL
) ON COMMIT DROP
