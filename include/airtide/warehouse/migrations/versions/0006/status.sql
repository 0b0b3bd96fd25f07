-- How capturing pictures stands: one row a platform, written by each run outside of its other transactions.
CREATE TABLE ingest.capture_status (
    platform live.platform PRIMARY KEY,
    lags JSONB NOT NULL DEFAULT '[]',
    lag_measured_at TIMESTAMPTZ,
    captured_at TIMESTAMPTZ,
    pictures BIGINT,
    failing_since TIMESTAMPTZ,
    error TEXT
);
COMMENT ON COLUMN ingest.capture_status.lags IS 'by topic partition, like those of ingest.landing_status';
COMMENT ON COLUMN ingest.capture_status.captured_at IS 'end of the last run that captured anything of it; pictures follow';
COMMENT ON COLUMN ingest.capture_status.error IS 'of the last run; NULL when it did not fail';
GRANT INSERT, UPDATE ON ingest.capture_status TO airtide_ingest;
