-- One row an object: from here on it counts. An object is listed by one batch alone.
INSERT INTO ingest.lake_object (
    object_key,
    kind,
    batch_id,
    platform,
    day,
    hour,
    rows,
    bytes,
    sha256,
    min_sampled_at,
    max_sampled_at
)
SELECT
    told.object_key,
    told.kind,
    %(batch_id)s,
    told.platform,
    told.day,
    told.hour,
    told.rows,
    told.bytes,
    told.sha256,
    told.min_sampled_at,
    told.max_sampled_at
FROM JSONB_TO_RECORDSET(%(objects)s) AS told (
    object_key TEXT,
    kind TEXT,
    platform live.platform,
    day DATE,
    hour SMALLINT,
    rows BIGINT,
    bytes BIGINT,
    sha256 TEXT,
    min_sampled_at TIMESTAMPTZ,
    max_sampled_at TIMESTAMPTZ
)
