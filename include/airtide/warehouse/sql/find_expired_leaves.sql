-- One row a leaf of a platform's samples that ends before they may be kept, the oldest first; reads only.
SELECT
    bounds[1]::TIMESTAMPTZ AS starts_at,
    bounds[2]::TIMESTAMPTZ AS ends_at
FROM pg_catalog.pg_inherits
INNER JOIN pg_catalog.pg_class ON pg_class.oid = inhrelid
CROSS JOIN REGEXP_MATCH(PG_GET_EXPR(relpartbound, inhrelid), $re$FROM \('(.*)'\) TO \('(.*)'\)$re$) AS bounds
WHERE inhparent = FORMAT('live.%%I', 'sample_' || %(platform)s::TEXT)::REGCLASS
    AND bounds[2]::TIMESTAMPTZ <= %(before)s
ORDER BY starts_at
