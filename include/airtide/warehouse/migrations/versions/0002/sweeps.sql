-- What a sweep left out, and what it met that no parser knows.
ALTER TABLE ingest.sweep
    ADD COLUMN viewer_floor INTEGER,
    ADD COLUMN is_filtered BOOLEAN NOT NULL DEFAULT FALSE,
    ADD COLUMN unknown_fields JSONB NOT NULL DEFAULT '{}';
COMMENT ON COLUMN ingest.sweep.viewer_floor IS 'where a listing by viewers was left; NULL when it was read whole';
COMMENT ON COLUMN ingest.sweep.is_filtered IS 'only some languages or categories were listed: absence says nothing';
COMMENT ON COLUMN ingest.sweep.unknown_fields IS 'records that had a field which no parser knows, by its name';
