-- One row per column of the rollup tables named, of those that there are, in the order of the tables' own columns; reads only.
SELECT
    relation.relname::TEXT AS table_name,
    attribute.attname::TEXT AS column_name,
    FORMAT_TYPE(attribute.atttypid, NULL) AS type_name
FROM pg_catalog.pg_class AS relation
INNER JOIN pg_catalog.pg_attribute AS attribute
    ON attribute.attrelid = relation.oid
    AND attribute.attnum > 0
    AND NOT attribute.attisdropped
WHERE
    relation.relnamespace = 'trends'::REGNAMESPACE
    AND relation.relkind IN ('r', 'p', 'v', 'm')
    AND relation.relname = ANY(%(tables)s::TEXT[])
ORDER BY
    relation.relname,
    attribute.attnum;
