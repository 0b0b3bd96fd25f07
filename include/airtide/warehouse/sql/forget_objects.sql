-- Drops the rows of retired objects; one that is gone changes nothing.
DELETE FROM ingest.lake_object
WHERE object_key = ANY(%(object_keys)s)
    AND retired_at IS NOT NULL
