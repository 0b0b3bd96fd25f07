-- How each platform's landing stands: one row a platform, written by its landings outside of their transactions.
CREATE TABLE ingest.landing_status (
    platform live.platform PRIMARY KEY,
    lags JSONB NOT NULL DEFAULT '[]',
    lag_measured_at TIMESTAMPTZ,
    landed_at TIMESTAMPTZ,
    batches INTEGER,
    messages BIGINT,
    samples BIGINT,
    seconds DOUBLE PRECISION,
    failing_since TIMESTAMPTZ,
    failed_at TIMESTAMPTZ,
    error TEXT
);
COMMENT ON COLUMN ingest.landing_status.lags IS 'by topic partition: next_offset, end_offset, lost, waiting_since';
COMMENT ON COLUMN ingest.landing_status.landed_at IS 'end of the last run that landed anything; its figures follow';
COMMENT ON COLUMN ingest.landing_status.error IS 'of the last run; NULL when it did not fail';
GRANT SELECT, INSERT, UPDATE ON ingest.landing_status TO airtide_ingest;
GRANT SELECT ON ingest.landing_status TO airtide_reader;
