-- Room for one row per broadcast and category of one platform's day; gone with the transaction.
-- `peak` holds the largest known count and the negative of its second, so that the larger of two is the earlier one.
CREATE TEMPORARY TABLE day_part (
    broadcast_key BIGINT NOT NULL,
    category_key BIGINT NOT NULL,
    samples INTEGER NOT NULL,
    known_samples INTEGER NOT NULL,
    airtime_ms BIGINT NOT NULL,
    known_airtime_ms BIGINT NOT NULL,
    viewer_ms BIGINT NOT NULL,
    peak BIGINT[]
) ON COMMIT DROP
