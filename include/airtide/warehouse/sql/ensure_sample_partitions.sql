-- Room in live.sample for spans of one platform; a span that has room changes nothing.
SELECT live.ensure_sample_partition(%(platform)s, starts_at, starts_at + %(span)s)
FROM UNNEST(%(starts_at)s::TIMESTAMPTZ[]) AS starts_at
