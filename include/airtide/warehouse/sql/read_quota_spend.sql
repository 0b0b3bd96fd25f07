-- One row per bucket given, in its order: what was drawn in the period that begins at the instant given with it, and
-- whether the site has closed it; reads only.
SELECT
    asked.bucket,
    COALESCE(booked.spent, 0) AS spent,
    booked.closed_at IS NOT NULL AS is_closed
FROM UNNEST(%(buckets)s::TEXT[], %(starts_at)s::TIMESTAMPTZ[])
    WITH ORDINALITY AS asked (bucket, starts_at, place)
LEFT JOIN ingest.quota_spend AS booked
    ON
        booked.bucket = asked.bucket
        AND booked.starts_at = asked.starts_at
ORDER BY asked.place;
