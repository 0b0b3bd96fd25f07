-- What was drawn from buckets that fill anew each day, by all processes together.
CREATE TABLE ingest.quota_spend (
    bucket TEXT NOT NULL,
    starts_at TIMESTAMPTZ NOT NULL,
    resets_at TIMESTAMPTZ NOT NULL,
    spent BIGINT NOT NULL,
    booked_at TIMESTAMPTZ NOT NULL,
    closed_at TIMESTAMPTZ,
    PRIMARY KEY (bucket, starts_at)
);
COMMENT ON COLUMN ingest.quota_spend.booked_at IS 'when it was last drawn from or closed';
COMMENT ON COLUMN ingest.quota_spend.closed_at IS 'when the site said that nothing is left; NULL while it has not';
GRANT SELECT, INSERT, UPDATE, DELETE ON ingest.quota_spend TO airtide_ingest;
GRANT SELECT ON ingest.quota_spend TO airtide_reader;
