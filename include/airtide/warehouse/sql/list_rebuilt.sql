-- One row an object whose messages were landed from it: from here on it counts. No row where its name is taken.
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
VALUES (
    %(object_key)s,
    %(kind)s,
    %(batch_id)s,
    %(platform)s,
    %(day)s,
    %(hour)s,
    %(rows)s,
    %(bytes)s,
    %(sha256)s,
    %(min_sampled_at)s,
    %(max_sampled_at)s
)
ON CONFLICT (object_key) DO NOTHING
