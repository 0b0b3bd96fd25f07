-- When broadcasts end without the site's word, and counts that look wrong.
ALTER TABLE ingest.sweep ADD COLUMN settled_at TIMESTAMPTZ;
COMMENT ON COLUMN ingest.sweep.settled_at IS 'when landing had passed all its messages: only then may it end broadcasts';
CREATE INDEX sweep_unsettled ON ingest.sweep (platform) WHERE settled_at IS NULL;

-- The last count and since when it stands are raw data: retention empties them where a platform's raw age has passed.
ALTER TABLE live.broadcast
    ADD COLUMN last_viewers INTEGER,
    ADD COLUMN unchanged_since TIMESTAMPTZ,
    ADD COLUMN unchanged_samples INTEGER;
COMMENT ON COLUMN live.broadcast.last_viewers IS 'of the sample at last_sampled_at; NULL when hidden';
COMMENT ON COLUMN live.broadcast.unchanged_since IS 'the first of the last samples in a row that all have this count';

-- Holds what is open and what was inferred to be over. No column of it moves with a sample, so that a landing still
-- updates the rows of all that is live in place.
CREATE INDEX broadcast_without_told_end ON live.broadcast (platform, ended_at) WHERE ended_by IS DISTINCT FROM 'site';

-- One row an odd run of counts, at its first sample. Raw data: retention deletes by (platform, sampled_at).
CREATE TABLE live.sample_flag (
    platform live.platform NOT NULL,
    sampled_at TIMESTAMPTZ NOT NULL,
    broadcast_key BIGINT NOT NULL,
    flag TEXT NOT NULL,
    PRIMARY KEY (broadcast_key, sampled_at, flag)
);
CREATE INDEX sample_flag_by_time ON live.sample_flag (platform, sampled_at);
GRANT INSERT ON live.sample_flag TO airtide_ingest;
