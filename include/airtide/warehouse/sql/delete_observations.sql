-- Deletes what was observed of the hours given of one platform: they are judged anew in the same transaction.
DELETE FROM trends.quality_check
WHERE
    platform = %(platform)s::live.platform
    AND hour = ANY(%(hours)s::TIMESTAMPTZ[])
