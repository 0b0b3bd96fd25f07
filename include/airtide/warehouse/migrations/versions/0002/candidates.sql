-- What decides how often a broadcast is asked for: its last count, and how long it stays remembered.
ALTER TABLE ingest.candidate
    ADD COLUMN is_resting BOOLEAN NOT NULL DEFAULT FALSE,
    ADD COLUMN viewers INTEGER,
    ADD COLUMN counted_at TIMESTAMPTZ,
    ADD COLUMN last_found_at TIMESTAMPTZ;
