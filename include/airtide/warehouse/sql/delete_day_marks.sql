-- Deletes exactly the marks given.
DELETE FROM trends.dirty_day
WHERE dirty_id = ANY(%(dirty_ids)s::BIGINT[])
