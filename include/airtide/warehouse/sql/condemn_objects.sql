-- One row an object that nothing lists, retired from the start; no row where its name is taken.
INSERT INTO ingest.lake_object (
    object_key,
    kind,
    platform,
    day,
    rows,
    bytes,
    sha256,
    min_sampled_at,
    max_sampled_at,
    retired_at
)
SELECT
    told.object_key,
    CASE WHEN told.object_key LIKE 'sweeps/%%' THEN 'sweeps' ELSE 'snapshots' END,
    %(platform)s,
    (told.starts_at AT TIME ZONE 'UTC')::DATE,
    0,
    told.bytes,
    '',
    told.starts_at,
    told.ends_at,
    %(now)s
FROM UNNEST(
    %(object_keys)s::TEXT[],
    %(bytes)s::BIGINT[],
    %(starts_at)s::TIMESTAMPTZ[],
    %(ends_at)s::TIMESTAMPTZ[]
) AS told (object_key, bytes, starts_at, ends_at)
ON CONFLICT (object_key) DO NOTHING
