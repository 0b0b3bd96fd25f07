-- Pictures: which broadcast had which when, and the objects that hold them.
-- An object is claimed before it is written and condemned before it is removed, so that nobody removes what another one
-- is about to need: whoever claims waits for the row that is being removed.
CREATE TABLE live.picture_object (
    object_key TEXT PRIMARY KEY,
    platform live.platform NOT NULL,
    sha256 TEXT NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    bytes INTEGER CHECK (bytes > 0),
    claimed_at TIMESTAMPTZ NOT NULL,
    stored_at TIMESTAMPTZ,
    condemned_at TIMESTAMPTZ,
    CHECK (condemned_at IS NULL OR stored_at IS NULL)
);
COMMENT ON COLUMN live.picture_object.claimed_at IS 'when a run last wanted it: for a while from then on it stays';
COMMENT ON COLUMN live.picture_object.stored_at IS 'from when on it is in the store for sure; NULL: write it before it is used';
CREATE INDEX picture_object_condemned ON live.picture_object (platform, object_key) WHERE condemned_at IS NOT NULL;

CREATE TABLE live.thumbnail (
    broadcast_key BIGINT NOT NULL,
    captured_at TIMESTAMPTZ NOT NULL,
    platform live.platform NOT NULL,
    channel_key BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    object_key TEXT NOT NULL REFERENCES live.picture_object,
    width INTEGER NOT NULL CHECK (width > 0),
    height INTEGER NOT NULL CHECK (height > 0),
    picture_url TEXT NOT NULL,
    etag TEXT,
    last_modified TEXT,
    PRIMARY KEY (broadcast_key, captured_at)
);
CREATE INDEX thumbnail_by_object ON live.thumbnail (object_key);
CREATE INDEX thumbnail_by_channel ON live.thumbnail (channel_key, captured_at);
CREATE INDEX thumbnail_by_age ON live.thumbnail (platform, captured_at);
CREATE INDEX thumbnail_by_content ON live.thumbnail (sha256);

CREATE TABLE live.placeholder (
    platform live.platform NOT NULL,
    sha256 TEXT NOT NULL,
    found_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (platform, sha256)
);
GRANT INSERT, UPDATE, DELETE ON live.picture_object, live.thumbnail TO airtide_ingest;
GRANT INSERT ON live.placeholder TO airtide_ingest;
