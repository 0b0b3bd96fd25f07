-- One row: the samples of one platform and span of time as five integers of eight bytes each, in network byte order, with
-- the broadcast that the sample's detail belongs to; -1 in place of NULL. NULL without samples; reads only.
SELECT
    STRING_AGG(
        TIMESTAMPTZ_SEND(sample.sampled_at)
            || INT8SEND(sample.broadcast_key)
            || INT8SEND(COALESCE(sample.viewers, -1))
            || INT8SEND(sample.cadence_s)
            || INT8SEND(COALESCE(detail.broadcast_key, -1)),
        ''::BYTEA
    ) AS samples
FROM live.sample AS sample
LEFT JOIN live.broadcast_detail AS detail ON detail.detail_key = sample.detail_key
WHERE sample.platform = %(platform)s
    AND sample.sampled_at >= %(from_at)s
    AND sample.sampled_at < %(to_at)s
