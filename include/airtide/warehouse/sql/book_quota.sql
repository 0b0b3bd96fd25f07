-- One row per bucket and period: draws the cost, or gives no row where the limit or the site leaves no room. A second run
-- draws again. Days that are long over go.
WITH forgotten AS (
    DELETE FROM ingest.quota_spend
    WHERE
        bucket = %(bucket)s
        AND resets_at < %(forget_before)s
)
INSERT INTO ingest.quota_spend AS booked (bucket, starts_at, resets_at, spent, booked_at)
SELECT
    %(bucket)s,
    %(starts_at)s,
    %(resets_at)s,
    %(cost)s,
    %(at)s
WHERE %(cost)s <= %(limit)s
ON CONFLICT (bucket, starts_at) DO UPDATE
    SET
        spent = booked.spent + excluded.spent,
        booked_at = excluded.booked_at
    WHERE
        booked.closed_at IS NULL
        AND booked.spent + excluded.spent <= %(limit)s
RETURNING booked.spent;
