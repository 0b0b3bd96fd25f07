-- One row per bucket and period: closes it and leaves what was drawn; harmless when repeated.
INSERT INTO ingest.quota_spend AS booked (bucket, starts_at, resets_at, spent, booked_at, closed_at)
VALUES (
    %(bucket)s,
    %(starts_at)s,
    %(resets_at)s,
    0,
    %(at)s,
    %(at)s
)
ON CONFLICT (bucket, starts_at) DO UPDATE
    SET
        booked_at = excluded.booked_at,
        closed_at = excluded.closed_at
    WHERE booked.closed_at IS NULL;
