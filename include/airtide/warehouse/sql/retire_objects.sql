-- Retires the named objects that count, or fewer where one no longer does: the caller counts the rows.
UPDATE ingest.lake_object
SET retired_at = %(now)s
WHERE object_key = ANY(%(object_keys)s)
    AND retired_at IS NULL
