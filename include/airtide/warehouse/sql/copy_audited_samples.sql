-- One row a sample of one platform and span of time, with the broadcast that its detail belongs to; -1 in place of NULL,
-- so that every row has the same width; reads only.
COPY (
    SELECT
        sample.sampled_at,
        sample.broadcast_key,
        COALESCE(sample.viewers, -1) AS viewers,
        sample.cadence_s,
        COALESCE(detail.broadcast_key, -1) AS detail_of
    FROM live.sample AS sample
    LEFT JOIN live.broadcast_detail AS detail ON detail.detail_key = sample.detail_key
    WHERE sample.platform = %(platform)s
        AND sample.sampled_at >= %(from_at)s
        AND sample.sampled_at < %(to_at)s
) TO STDOUT (FORMAT BINARY)
