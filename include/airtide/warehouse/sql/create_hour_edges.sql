-- Room for one row per hour and broadcast; gone with the transaction.
-- `next_hour` is the next one of the broadcast that is known here, `from_ms` is where the cell of the hour's first sample
-- begins, `until_ms` where that of its last sample ends.
CREATE TEMPORARY TABLE hour_edge (
    hour TIMESTAMPTZ NOT NULL,
    next_hour TIMESTAMPTZ,
    broadcast_key BIGINT NOT NULL,
    channel_key BIGINT NOT NULL,
    ended_ms BIGINT,
    is_first BOOLEAN NOT NULL,
    from_ms BIGINT NOT NULL,
    first_ms BIGINT NOT NULL,
    first_viewers INTEGER,
    first_category_key BIGINT NOT NULL,
    first_language TEXT NOT NULL,
    is_last BOOLEAN NOT NULL,
    until_ms BIGINT NOT NULL,
    last_ms BIGINT NOT NULL,
    last_viewers INTEGER,
    last_category_key BIGINT NOT NULL,
    last_language TEXT NOT NULL
) ON COMMIT DROP
